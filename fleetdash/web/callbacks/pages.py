"""The navigation, and every page except the fleet and analytics."""

from dash import Dash, Input, Output
from dash.development.base_component import Component

from fleetdash.queries import FleetReader
from fleetdash.web import ids, markup
from fleetdash.web.callbacks.registration import part_callback
from fleetdash.web.callbacks.rendered import Rendered
from fleetdash.web.callbacks.runs import RunPages
from fleetdash.web.paths import Paths
from fleetdash.web.views import shell, states
from fleetdash.web.views.links import inner_link


def register(app: Dash, queries: FleetReader, paths: Paths, rendered: Rendered) -> None:
    runs = RunPages(queries, paths)

    @part_callback(
        app,
        "The page",
        Output(ids.OTHER_PAGE, "parts"),
        Input(ids.VERSION, "data"),
        Input(ids.PAGE_ADDRESS, "data"),
        rendered=rendered,
        prevent_initial_call=True,
    )
    def show_page(_version: str, address: list[str] | None) -> list[str]:
        if address is None or paths.is_analytics(address[0]):
            return []
        return markup.parts(other_page(*address))

    @part_callback(
        app,
        "The navigation",
        Output(ids.NAVIGATION, "children"),
        Input(ids.PAGE_ADDRESS, "data"),
        prevent_initial_call=True,
    )
    def show_navigation(address: list[str] | None) -> list[Component]:
        return shell.navigation(paths, address[0] if address else paths.fleet())

    def other_page(pathname: str, search: str) -> object:
        run_id = paths.run_id(pathname)
        if run_id is not None:
            return runs.opened(run_id)
        if paths.inner(pathname) == "/runs":
            return runs.log(search)
        to_fleet = inner_link("Go to the fleet", paths.fleet(), className="button")
        return states.not_found("No page has this address.", to_fleet)
