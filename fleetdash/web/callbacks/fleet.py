"""The fleet page: tiles and cards, as the address filters them."""

from dash import Dash, Input
from dash.exceptions import PreventUpdate

from fleetdash.queries import Queries
from fleetdash.web import ids
from fleetdash.web.callbacks.registration import region_callback
from fleetdash.web.paths import Paths, query_value
from fleetdash.web.views import fleet as views


def register(app: Dash, queries: Queries, paths: Paths) -> None:
    @region_callback(
        app,
        "The fleet",
        (ids.FLEET_GRID, ids.FLEET_TILES),
        Input(ids.VERSION, "data"),
        Input(ids.FLEET_ADDRESS, "data"),
    )
    def show_fleet(_version: str, search: str | None) -> tuple[object, object]:
        if search is None:
            raise PreventUpdate  # another page is shown
        text, status = query_value(search, "q"), query_value(search, "status")
        # addresses are looked through only when something is looked for
        report = queries.fleet(include_devices=bool(text.strip()))
        return views.grid(report, text, status, paths), views.tiles(report, text, status, paths)
