"""The Dash app, mounted on the API's FastAPI app; starts nothing."""

import asyncio
import re
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
from starlette.requests import HTTPConnection

from fleetdash.domain.access import current_caller
from fleetdash.domain.clock import Clock
from fleetdash.domain.runs import SchedulerControl
from fleetdash.queries import Queries
from fleetdash.web import delivery, icons
from fleetdash.web.callbacks import address, analytics, fleet, pages, refresh, vessel
from fleetdash.web.callbacks.sharing import SharedAnswers
from fleetdash.web.delivery import by_content
from fleetdash.web.first_view import Regions, with_first_view
from fleetdash.web.paths import Paths
from fleetdash.web.views import shell

ASSETS = Path(__file__).resolve().parents[2] / "assets"
"""Beside the package, where Dash's own look-up would not find it."""

_INDEX = """<!DOCTYPE html>
<html lang="en">
<head>
{%metas%}
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{%title%}</title>
{%favicon%}
{%css%}
</head>
<body>
{%app_entry%}
<footer><!-- first view -->{%config%}{%scripts%}{%renderer%}</footer>
</body>
</html>"""


def create_page(
    server: FastAPI,
    queries: Queries,
    scheduler: SchedulerControl,
    *,
    clock: Clock,
    own_page: Callable[[HTTPConnection], bool],
    path_prefix: str = "/",
    demo: bool = False,
) -> Dash:
    """Put the page on `server`. The proxy strips `path_prefix`, so only what the browser asks for carries it.

    `own_page`: whether it is our page that asks.
    """
    paths = Paths(path_prefix)
    bootstrap = Path(str(files("flask_bootstrap"))) / "static" / "bootstrap5" / "css"
    delivery.register(server)
    server.add_api_route(
        "/assets/icons.css", lambda: Response(icons.stylesheet(), media_type="text/css"), include_in_schema=False
    )
    server.mount("/bootstrap", StaticFiles(directory=str(bootstrap)), name="bootstrap")
    pages_route = _PageRoute(queries, paths)
    # before Dash's own, which would send the page without what it shows first
    server.add_api_route("/", pages_route.answer, include_in_schema=False)
    app = _Page(
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
        index_string=_INDEX,
    )

    # callbacks go over HTTP; the backend would keep a second connection open for each page, for nothing
    app.backend.websocket_capability = False

    freshness = refresh.Freshness(queries, scheduler, clock)

    def layout() -> Component:
        version, older = freshness.look()
        return shell.layout(paths, version or "", demo=demo, older=older, caller=current_caller())

    app.layout = layout
    refresh.register(app, queries, scheduler, freshness)
    address.register(app)
    fleet.register(app, queries, paths)
    vessel.register(app, queries, paths, clock)
    pages.register(app, queries, paths)
    analytics.register(app, queries, paths, clock)
    pages_route.register(server, app)
    server.add_middleware(SharedAnswers, freshness=freshness, own_page=own_page)
    return app


class _Page(Dash):
    """Dash, without the script of its tables: the page has none of them."""

    def interpolate_index(self, **parts: Any) -> str:  # type: ignore[override]  # dash always names them
        parts["scripts"] = _TABLES.sub("", parts["scripts"])
        index: str = super().interpolate_index(**parts)
        return index


_TABLES = re.compile(r'<script src="[^"]*/dash_table/[^"]*"></script>')


def _assets(path_prefix: str, kind: str) -> list[str]:
    """In the order of their names, as Dash would take them in."""
    return [
        by_content(f"{path_prefix}assets/{file.name}", file.read_bytes()) for file in sorted(ASSETS.glob(f"*.{kind}"))
    ]


class _PageRoute:
    """Sends the page of *this* app to every address: the catch-all that Dash makes later belongs to the last one made.

    An address that no page has is answered with the page too, which says so, and with 404.
    """

    def __init__(self, queries: Queries, paths: Paths) -> None:
        self._queries = queries
        self._paths = paths
        self._app: Dash | None = None

    def register(self, server: FastAPI, app: Dash) -> None:
        """For what no other route has."""
        self._app = app
        server.add_api_route("/{path:path}", self.answer, include_in_schema=False)

    async def answer(self, request: Request) -> HTMLResponse:
        assert self._app is not None
        token = set_current_request(request)
        try:
            # Dash does it before requests for its own addresses only: a deep link may be the first of all
            self._app._setup_server()
            page = self._app.index()
        finally:
            reset_current_request(token)
        pathname = self._paths.prefix + request.url.path.removeprefix("/")
        status = HTTPStatus.OK if self._paths.is_page(pathname) else HTTPStatus.NOT_FOUND

        def regions() -> Regions:
            if not self._paths.is_fleet(pathname):
                return {}
            return fleet.sent_along(self._queries, self._paths, request.url.query)

        return HTMLResponse(await asyncio.to_thread(with_first_view, page, regions), status)
