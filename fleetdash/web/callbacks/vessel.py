"""The vessel's modal: opened by the address, updated while it is open. Reads the database only, never a vessel."""

from datetime import timedelta
from functools import lru_cache

from dash import Dash, Input, Output, html
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate
from markupsafe import Markup

from fleetdash.domain.clock import Clock
from fleetdash.domain.read_models import DeviceReport
from fleetdash.errors import NotFound
from fleetdash.queries import FleetReader
from fleetdash.web import ids, markup
from fleetdash.web.callbacks.registration import part_callback
from fleetdash.web.callbacks.rendered import Rendered
from fleetdash.web.paths import Paths, query_value
from fleetdash.web.views import devices as device_views
from fleetdash.web.views import timeline as timeline_views
from fleetdash.web.views import vessel as views

Address = list[str] | None
"""Path and query string; `None` while no vessel is open."""


@lru_cache(maxsize=4096)
def _row(device: DeviceReport) -> Markup:
    """Cached across orders, filters and pages until the device changes."""
    return Markup(markup.to_html(device_views.row(device)))


def register(app: Dash, queries: FleetReader, paths: Paths, clock: Clock, rendered: Rendered) -> None:
    def opened(address: Address) -> str:
        vessel_id = paths.vessel_id(address[0]) if address else None
        if vessel_id is None:
            raise PreventUpdate
        return vessel_id

    @part_callback(
        app,
        "The vessel",
        Output(ids.VESSEL_SUMMARY, "parts"),
        Output(ids.VESSEL_TITLE, "children"),
        Input(ids.VERSION, "data"),
        Input(ids.VESSEL_ADDRESS, "data"),
        prevent_initial_call=True,
        rendered=rendered,
    )
    def show_vessel(_version: str, address: Address) -> tuple[list[str], list[Component]]:
        vessel_id = opened(address)
        try:
            vessel = queries.vessel(vessel_id)
        except NotFound:
            return markup.parts(views.unknown(vessel_id)), [html.Span("No such vessel")]
        return markup.parts(views.summary(vessel)), views.title(vessel)

    @part_callback(
        app,
        "The devices",
        Output(ids.VESSEL_DEVICES, "parts"),
        Input(ids.VERSION, "data"),
        Input(ids.VESSEL_QUERY, "data"),
        prevent_initial_call=True,
        rendered=rendered,
    )
    def show_devices(_version: str, address: Address) -> list[str]:
        vessel_id = opened(address)
        try:
            devices = queries.vessel(vessel_id).devices or ()
        except NotFound:
            return []
        return markup.parts(device_views.device_list(devices, _wanted(address), _row))

    @part_callback(
        app,
        "The status timeline",
        Output(ids.VESSEL_TIMELINE, "parts"),
        Input(ids.VERSION, "data"),
        Input(ids.VESSEL_QUERY, "data"),
        prevent_initial_call=True,
    )
    def show_timeline(_version: str, address: Address) -> list[str]:
        vessel_id = opened(address)
        if not address or query_value(address[1], "tab") != "timeline":
            raise PreventUpdate
        days = query_value(address[1], "days")
        now = clock.now()
        start = now - timedelta(days=int(days) if days in timeline_views.DAYS else 1)
        try:
            return markup.parts(timeline_views.timeline(queries.vessel_timeline(vessel_id, start, now)))
        except NotFound:
            return []

    @part_callback(
        app,
        "The vessel's runs",
        Output(ids.VESSEL_RUN_LOG, "parts"),
        Input(ids.VERSION, "data"),
        Input(ids.VESSEL_ADDRESS, "data"),
        prevent_initial_call=True,
        rendered=rendered,
    )
    def show_runs(_version: str, address: Address) -> list[str]:
        return markup.parts(views.run_log(queries.vessel_runs(opened(address)), paths))


def _wanted(address: Address) -> device_views.Wanted:
    """Order and filter from the address."""
    search = address[1] if address else ""
    sort = query_value(search, "sort")
    return device_views.Wanted(
        column=sort.removeprefix("-") or device_views.DEFAULT_COLUMN,
        descending=sort.startswith("-"),
        status=query_value(search, "device"),
        search=query_value(search, "device_q"),
    )
