"""Which page the address names, and the pages other than the fleet's."""

from dash import Dash, Input, Output, html

from fleetdash.domain.runs import RunStatus
from fleetdash.errors import BadCursor, NotFound
from fleetdash.queries import Queries
from fleetdash.web import ids
from fleetdash.web.callbacks.registration import region_callback
from fleetdash.web.paths import Paths, query_value
from fleetdash.web.views import runs as views
from fleetdash.web.views import shell, states
from fleetdash.web.views.links import inner_link


def register(app: Dash, queries: Queries, paths: Paths) -> None:
    @region_callback(
        app,
        "The page",
        (ids.OTHER_PAGE, ids.NAVIGATION),
        Input(ids.URL, "pathname"),
        Input(ids.URL, "search"),
        Input(ids.VERSION, "data"),
        also=(Output(ids.FLEET_PAGE, "hidden"),),
    )
    def show_page(pathname: str, search: str, _version: str) -> tuple[object, object, bool]:
        on_fleet = paths.is_fleet(pathname)
        elsewhere = on_fleet or paths.is_analytics(pathname)
        return None if elsewhere else other_page(pathname, search), shell.navigation(paths, pathname), not on_fleet

    def other_page(pathname: str, search: str) -> object:
        run_id = paths.run_id(pathname)
        if run_id is not None:
            return opened_run(run_id)
        if paths.inner(pathname) == "/runs":
            return run_log(search)
        return states.not_found("No page has this address.", _link("To the fleet", paths.fleet()))

    def run_log(search: str) -> object:
        wanted = query_value(search, "status")
        status = RunStatus(wanted) if wanted in set(RunStatus) else None
        try:
            page = queries.runs(status=status, cursor=query_value(search, "cursor") or None)
        except BadCursor:
            page = queries.runs(status=status)
        return views.log_page(page, status.value if status else "", paths)

    def opened_run(run_id: str) -> object:
        try:
            details = queries.run(run_id)
        except NotFound:
            return states.not_found(f"There is no run “{run_id}”; it may be too old.", _link("All runs", paths.runs()))
        names = {vessel.vessel_id: vessel.name for vessel in queries.fleet().vessels}
        return views.details_page(details, names, paths)


def _link(text: str, href: str) -> html.A:
    return inner_link(text, href, className="button")
