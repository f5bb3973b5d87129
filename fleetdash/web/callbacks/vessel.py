"""The vessel's modal: opened by the address, current while it is open. A click never touches a ship."""

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, html
from dash.exceptions import PreventUpdate

from fleetdash.errors import NotFound
from fleetdash.queries import Queries
from fleetdash.web import ids
from fleetdash.web.callbacks.registration import region_callback
from fleetdash.web.paths import Paths
from fleetdash.web.views import devices as device_views
from fleetdash.web.views import states
from fleetdash.web.views import vessel as views
from fleetdash.web.views.fleet import ALL as ALL_DEVICES


def register(app: Dash, queries: Queries, paths: Paths) -> None:
    def opened(pathname: str) -> str:
        vessel_id = paths.vessel_id(pathname)
        if vessel_id is None:
            raise PreventUpdate
        return vessel_id

    app.clientside_callback(
        ClientsideFunction("fleetdash", "modalIsOpen"),
        Output(ids.VESSEL_MODAL, "is_open"),
        Input(ids.URL, "pathname"),
    )

    @region_callback(
        app,
        "The vessel",
        (ids.VESSEL_SUMMARY, ids.VESSEL_TITLE),
        Input(ids.URL, "pathname"),
        Input(ids.VERSION, "data"),
    )
    def show_vessel(pathname: str, _version: str) -> tuple[object, object]:
        vessel_id = opened(pathname)
        try:
            vessel = queries.vessel(vessel_id)
        except NotFound:
            return states.empty(f"There is no vessel “{vessel_id}”. Its id may be misspelt."), html.Span(
                "No such vessel"
            )
        return views.summary(vessel), views.title(vessel)

    @region_callback(
        app,
        "The devices",
        (ids.VESSEL_DEVICES,),
        Input(ids.URL, "pathname"),
        Input(ids.VERSION, "data"),
        Input(ids.DEVICE_SORT, "data"),
        Input(ids.DEVICE_FILTER, "value"),
    )
    def show_devices(pathname: str, _version: str, sort: dict[str, Any], status: str | None) -> object:
        try:
            vessel = queries.vessel(opened(pathname))
        except NotFound:
            return None
        chosen = "" if status in (None, ALL_DEVICES) else status
        return device_views.device_table(vessel.devices or (), sort["column"], sort["descending"], chosen)

    @region_callback(
        app,
        "The vessel's runs",
        (ids.VESSEL_RUN_LOG,),
        Input(ids.URL, "pathname"),
        Input(ids.VERSION, "data"),
    )
    def show_runs(pathname: str, _version: str) -> object:
        return views.run_log(queries.vessel_runs(opened(pathname)), paths)
