"""The vessel's modal: opened by the address, current while it is open. A click never touches a vessel."""

from datetime import timedelta
from functools import lru_cache

from dash import Dash, Input, html
from dash.exceptions import PreventUpdate

from fleetdash.domain.clock import Clock
from fleetdash.domain.read_models import DeviceReport
from fleetdash.errors import NotFound
from fleetdash.queries import FleetReader
from fleetdash.web import ids, markup
from fleetdash.web.callbacks.registration import region_callback
from fleetdash.web.paths import Paths, query_value
from fleetdash.web.views import devices as device_views
from fleetdash.web.views import timeline as timeline_views
from fleetdash.web.views import vessel as views

Address = list[str] | None
"""Path and query string while a vessel is open."""


@lru_cache(maxsize=4096)
def _row(device: DeviceReport) -> markup.Made:
    """Made once for all orders, filters and pages, until something of the device changes."""
    return markup.Made(markup.to_html(device_views.row(device)))


def register(app: Dash, queries: FleetReader, paths: Paths, clock: Clock) -> None:
    def opened(address: Address) -> str:
        vessel_id = paths.vessel_id(address[0]) if address else None
        if vessel_id is None:
            raise PreventUpdate
        return vessel_id

    @region_callback(
        app,
        "The vessel",
        (ids.VESSEL_SUMMARY, ids.VESSEL_TITLE),
        Input(ids.VESSEL_ADDRESS, "data"),
        Input(ids.VERSION, "data"),
    )
    def show_vessel(address: Address, _version: str) -> tuple[object, object]:
        vessel_id = opened(address)
        try:
            vessel = queries.vessel(vessel_id)
        except NotFound:
            return views.unknown(vessel_id), html.Span("No such vessel")
        return views.summary(vessel), views.title(vessel)

    @region_callback(
        app,
        "The devices",
        (ids.VESSEL_DEVICES,),
        Input(ids.VESSEL_QUERY, "data"),
        Input(ids.VERSION, "data"),
    )
    def show_devices(address: Address, _version: str) -> object:
        vessel_id = opened(address)
        try:
            devices = queries.vessel(vessel_id).devices or ()
        except NotFound:
            return None
        return device_views.device_list(devices, _wanted(address), _row)

    @region_callback(
        app,
        "The status timeline",
        (ids.VESSEL_TIMELINE,),
        Input(ids.VESSEL_QUERY, "data"),
        Input(ids.VERSION, "data"),
    )
    def show_timeline(address: Address, _version: str) -> object:
        vessel_id = opened(address)
        if not address or query_value(address[1], "tab") != "timeline":
            raise PreventUpdate
        days = query_value(address[1], "days")
        now = clock.now()
        start = now - timedelta(days=int(days) if days in timeline_views.DAYS else 1)
        try:
            return timeline_views.timeline(queries.vessel_timeline(vessel_id, start, now))
        except NotFound:
            return None

    @region_callback(
        app,
        "The vessel's runs",
        (ids.VESSEL_RUN_LOG,),
        Input(ids.VESSEL_ADDRESS, "data"),
        Input(ids.VERSION, "data"),
    )
    def show_runs(address: Address, _version: str) -> object:
        return views.run_log(queries.vessel_runs(opened(address)), paths)


def _wanted(address: Address) -> device_views.Wanted:
    """Order and filter, as the address has them."""
    search = address[1] if address else ""
    sort = query_value(search, "sort")
    return device_views.Wanted(
        column=sort.removeprefix("-") or device_views.DEFAULT_COLUMN,
        descending=sort.startswith("-"),
        status=query_value(search, "device"),
        search=query_value(search, "device_q"),
    )
