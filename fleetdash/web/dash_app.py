"""The Dash app, mounted on the API's FastAPI app; starts nothing."""

import asyncio
import logging
from collections.abc import Callable
from http import HTTPStatus
from importlib.resources import files
from pathlib import Path
from typing import Any

from dash import Dash
from dash.backends._fastapi import reset_current_request, set_current_request
from dash.development.base_component import Component
from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

from fleetdash.domain.access import current_caller
from fleetdash.domain.clock import Clock
from fleetdash.domain.runs import SchedulerControl
from fleetdash.queries import FleetReader
from fleetdash.serving.static_cache import by_content
from fleetdash.web import icons, ids
from fleetdash.web.callbacks import address, analytics, fleet, pages, refresh, vessel
from fleetdash.web.first_view import PLACE, VIEW, scripts_after_paint, with_first_view
from fleetdash.web.paths import Paths, query_value
from fleetdash.web.views import shell

log = logging.getLogger(__name__)

ASSETS = Path(__file__).resolve().parents[2] / "assets"
"""Beside the package, where Dash's own look-up would not find it."""

_INDEX = f"""<!DOCTYPE html>
<html lang="en" {VIEW}>
<head>
{{%metas%}}
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{%title%}}</title>
<script blocking="render" src="FIRST_SCRIPT"></script>
{{%favicon%}}
{{%css%}}
</head>
<body>
{PLACE}
{{%app_entry%}}
<link rel="preload" as="fetch" crossorigin href="PREFIX_dash-layout">
<link rel="preload" as="fetch" crossorigin href="PREFIX_dash-dependencies">
<footer>{{%config%}}{{%scripts%}}{{%renderer%}}</footer>
</body>
</html>"""

_BEFORE_PAINT = ASSETS / "before-paint.js"
"""Decides what the first paint looks like, and starts all other scripts after it."""


def create_page(
    server: FastAPI,
    queries: FleetReader,
    scheduler: SchedulerControl,
    *,
    clock: Clock,
    path_prefix: str = "/",
    demo: bool = False,
) -> Dash:
    """Put the page on `server`. The proxy strips `path_prefix`, so only what the browser asks for carries it."""
    paths = Paths(path_prefix)
    bootstrap = Path(str(files("flask_bootstrap"))) / "static" / "bootstrap5" / "css"
    server.add_api_route(
        "/assets/icons.css", lambda: Response(icons.stylesheet(), media_type="text/css"), include_in_schema=False
    )
    server.mount("/bootstrap", StaticFiles(directory=str(bootstrap)), name="bootstrap")
    pages_route = _PageRoute(paths)
    # before Dash's own, which would send the page without what it shows first
    server.add_api_route("/", pages_route.answer, include_in_schema=False)
    app = Dash(
        "fleetdash",
        server=server,  # type: ignore[arg-type]  # dash types Flask only, and takes FastAPI
        assets_folder=str(ASSETS),
        requests_pathname_prefix=path_prefix,
        routes_pathname_prefix="/",
        # by their content, where Dash would put in the time of the file
        assets_ignore=".*",
        external_stylesheets=[
            by_content(f"{path_prefix}bootstrap/bootstrap.min.css", (bootstrap / "bootstrap.min.css").read_bytes()),
            by_content(f"{path_prefix}assets/icons.css", icons.stylesheet().encode()),
            *_assets(path_prefix, "css"),
        ],
        external_scripts=_assets(path_prefix, "js"),
        title="fleetdash",
        update_title=None,  # type: ignore[arg-type]  # documented; "Updating..." in the tab every few seconds would draw the eye for nothing
        suppress_callback_exceptions=True,  # pages other than the first are made when they are opened
        serve_locally=True,
        index_string=_INDEX.replace("FIRST_SCRIPT", _asset(path_prefix, _BEFORE_PAINT)).replace("PREFIX", path_prefix),
    )

    # callbacks go over HTTP; the backend would keep a second connection open for each page, for nothing
    app.backend.websocket_capability = False

    freshness = refresh.Freshness(queries, scheduler, clock)

    def layout() -> Component:
        version, older = freshness.look()
        return shell.layout(paths, version or "", demo=demo, older=older, caller=current_caller())

    def completed(page: str, pathname: str, search: str) -> str:
        version, older = freshness.look()
        on_fleet, caller = paths.is_fleet(pathname), current_caller()
        filled: dict[str, Any] = {ids.NAVIGATION: shell.navigation(paths, pathname)}
        try:
            filled[ids.SCHEDULER_LINE] = refresh.scheduler_line(queries, scheduler)
            filled[ids.FLEET_PAGE] = fleet.first_seen(queries, paths, search, version if on_fleet else None)
        except Exception:  # an edge: the page itself must be there, and its callbacks show the error
            log.exception("the page is sent without what it shows first")
            filled[ids.FLEET_PAGE] = fleet.first_seen(queries, paths, search, None)
        frame = shell.frame(paths, demo=demo, older=older, caller=caller, filled=filled, on_fleet=on_fleet)
        return with_first_view(page, frame, wall=on_fleet and query_value(search, "view") == "wall")

    app.layout = layout
    refresh.register(app, queries, scheduler, freshness)
    address.register(app)
    fleet.register(app, queries, paths)
    vessel.register(app, queries, paths, clock)
    pages.register(app, queries, paths)
    analytics.register(app, queries, paths, clock)
    pages_route.register(server, app, completed)
    return app


def _asset(path_prefix: str, file: Path) -> str:
    return by_content(f"{path_prefix}assets/{file.name}", file.read_bytes())


def _assets(path_prefix: str, kind: str) -> list[str]:
    """In the order of their names, as Dash would take them in."""
    files = sorted(ASSETS.glob(f"*.{kind}"))
    return [_asset(path_prefix, file) for file in files if file != _BEFORE_PAINT]


Completed = Callable[[str, str, str], str]
"""The page with what is seen first; takes the page, the pathname and the query string."""


class _PageRoute:
    """Sends the page of *this* app to every address: the catch-all that Dash makes later belongs to the last one made.

    An address that no page has is answered with the page too, which says so, and with 404.
    """

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        self._app: Dash | None = None
        self._completed: Completed | None = None

    def register(self, server: FastAPI, app: Dash, completed: Completed) -> None:
        """For what no other route has."""
        self._app, self._completed = app, completed
        server.add_api_route("/{path:path}", self.answer, include_in_schema=False)

    async def answer(self, request: Request) -> HTMLResponse:
        assert self._app is not None
        assert self._completed is not None
        token = set_current_request(request)
        try:
            # Dash does it before requests for its own addresses only: a deep link may be the first of all
            self._app._setup_server()
            page = scripts_after_paint(self._app.index())
        finally:
            reset_current_request(token)
        pathname = self._paths.prefix + request.url.path.removeprefix("/")
        status = HTTPStatus.OK if self._paths.is_page(pathname) else HTTPStatus.NOT_FOUND
        return HTMLResponse(await asyncio.to_thread(self._completed, page, pathname, request.url.query), status)
