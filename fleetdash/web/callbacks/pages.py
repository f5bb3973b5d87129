"""Which page the address names, and the pages other than the fleet's."""

from dash import Dash, Input

from fleetdash.queries import FleetReader
from fleetdash.web import ids
from fleetdash.web.callbacks.registration import region_callback
from fleetdash.web.callbacks.runs import RunPages
from fleetdash.web.paths import Paths
from fleetdash.web.views import shell, states
from fleetdash.web.views.links import inner_link


def register(app: Dash, queries: FleetReader, paths: Paths) -> None:
    runs = RunPages(queries, paths)

    @region_callback(
        app,
        "The page",
        (ids.OTHER_PAGE, ids.NAVIGATION),
        Input(ids.PAGE_ADDRESS, "data"),
        Input(ids.VERSION, "data"),
    )
    def show_page(address: list[str] | None, _version: str) -> tuple[object, object]:
        pathname, search = address or (paths.fleet(), "")
        elsewhere = not address or paths.is_analytics(pathname)
        return None if elsewhere else other_page(pathname, search), shell.navigation(paths, pathname)

    def other_page(pathname: str, search: str) -> object:
        run_id = paths.run_id(pathname)
        if run_id is not None:
            return runs.opened(run_id)
        if paths.inner(pathname) == "/runs":
            return runs.log(search)
        to_fleet = inner_link("To the fleet", paths.fleet(), className="button")
        return states.not_found("No page has this address.", to_fleet)
