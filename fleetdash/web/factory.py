"""The Dash app, mounted on the API's FastAPI app; starts nothing."""

from importlib.resources import files
from pathlib import Path

from dash import Dash
from dash.backends._fastapi import reset_current_request, set_current_request
from dash.development.base_component import Component
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

from fleetdash.domain.access import current_caller
from fleetdash.domain.clock import Clock
from fleetdash.domain.runs import SchedulerControl
from fleetdash.queries import Queries
from fleetdash.web.callbacks import address, analytics, fleet, pages, refresh, vessel
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
<footer>{%config%}{%scripts%}{%renderer%}</footer>
</body>
</html>"""


def create_page(
    server: FastAPI,
    queries: Queries,
    scheduler: SchedulerControl,
    *,
    clock: Clock,
    path_prefix: str = "/",
    demo: bool = False,
) -> Dash:
    """Put the page on `server`. The proxy strips `path_prefix`, so only what the browser asks for carries it."""
    paths = Paths(path_prefix)
    bootstrap = files("flask_bootstrap") / "static" / "bootstrap5" / "css"
    server.mount("/bootstrap", StaticFiles(directory=str(bootstrap)), name="bootstrap")
    app = Dash(
        "fleetdash",
        server=server,  # type: ignore[arg-type]  # dash types Flask only, and takes FastAPI
        assets_folder=str(ASSETS),
        requests_pathname_prefix=path_prefix,
        routes_pathname_prefix="/",
        external_stylesheets=[
            f"{path_prefix}bootstrap/bootstrap.min.css",
            f"{path_prefix}bootstrap/font/bootstrap-icons.min.css",
        ],
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
    _serve_page_at_every_address(server, app)
    return app


def _serve_page_at_every_address(server: FastAPI, app: Dash) -> None:
    """Deep links lead to the page of *this* app: the catch-all that Dash makes later belongs to the last one made."""

    @server.get("/{path:path}", include_in_schema=False)
    async def page(request: Request) -> HTMLResponse:
        token = set_current_request(request)
        try:
            # Dash does it before requests for its own addresses only: a deep link may be the first of all
            app._setup_server()
            return HTMLResponse(app.index())
        finally:
            reset_current_request(token)
