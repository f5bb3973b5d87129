"""The Dash app, mounted on the API's FastAPI app; starts nothing."""

import logging
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

from dash import Dash
from dash.development.base_component import Component
from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from fleetdash.domain.access import current_caller
from fleetdash.domain.clock import Clock
from fleetdash.domain.runs import SchedulerControl
from fleetdash.queries import FleetReader
from fleetdash.queries.data_version import DataVersion
from fleetdash.resources import ASSETS
from fleetdash.serving.static_cache import by_content
from fleetdash.web import icons
from fleetdash.web.callbacks import address, analytics, fleet, pages, refresh, vessel
from fleetdash.web.callbacks.registration import log_error
from fleetdash.web.callbacks.rendered import Rendered
from fleetdash.web.paths import Paths
from fleetdash.web.views import shell
from fleetdash.web.views.fleet import page as fleet_page

log = logging.getLogger(__name__)

BOOTSTRAP = Path(str(files("flask_bootstrap"))) / "static" / "bootstrap5" / "css"

_INDEX = """<!DOCTYPE html>
<html lang="en" data-prefix="PREFIX">
<head>
{%metas%}
<title>{%title%}</title>
{%favicon%}
<script src="THEME"></script>
{%css%}
</head>
<body>
{%app_entry%}
<link rel="preload" as="fetch" crossorigin href="PREFIX_dash-layout">
<link rel="preload" as="fetch" crossorigin href="PREFIX_dash-dependencies">
<footer>{%config%}{%scripts%}{%renderer%}</footer>
</body>
</html>"""

_THEME = ASSETS / "theme.js"
"""Runs before anything is painted, and so stands in the head."""


def create_page(
    server: FastAPI,
    queries: FleetReader,
    scheduler: SchedulerControl,
    *,
    clock: Clock,
    versions: DataVersion,
    path_prefix: str = "/",
    demo: bool = False,
) -> Dash:
    """Mount the page on `server`, for every address that it does not have itself.

    The proxy strips `path_prefix`, so only what the browser asks for carries it.
    """
    paths, rendered = Paths(path_prefix), Rendered(versions)
    # on an app of its own: neither serves the other's addresses, and Dash's middleware sees only its own
    mounted = FastAPI(openapi_url=None)
    app = _dash(mounted, paths)

    def layout() -> Component:
        pathname, search = _address(app)
        version, found = "", None
        try:
            version = versions.read()
            found = fleet.first_parts(queries, paths, search) if paths.is_fleet(pathname) else None
        except Exception:  # an edge: the page itself must be there, and its callbacks show the error
            log.exception("the page is sent without the fleet")
        return shell.layout(
            paths,
            version,
            demo=demo,
            caller=current_caller(),
            fleet_page=fleet_page(*found or ([], [])),
            fleet_address=search if found else None,
            on_fleet=paths.is_fleet(pathname),
        )

    app.layout = layout
    refresh.register(app, queries, scheduler, versions, rendered)
    address.register(app)
    fleet.register(app, queries, paths, rendered)
    vessel.register(app, queries, paths, clock, rendered)
    pages.register(app, queries, paths, rendered)
    analytics.register(app, queries, paths, clock)
    server.routes.append(Mount("", mounted, middleware=[Middleware(_PageAddresses, paths=paths)]))
    return app


def _dash(server: FastAPI, paths: Paths) -> Dash:
    """Its index is ours: Dash's would be sent with 200 to addresses that no page has."""

    async def index(request: Request) -> HTMLResponse:
        return HTMLResponse(app.index(), 200 if paths.is_page(request.scope[_PATHNAME]) else 404)

    server.add_api_route("/", index)
    server.add_api_route("/assets/icons.css", lambda: Response(icons.stylesheet(), media_type="text/css"))
    server.mount("/bootstrap", StaticFiles(directory=str(BOOTSTRAP)))
    app = Dash(
        "fleetdash",
        server=server,  # type: ignore[arg-type]  # dash types Flask only, and takes FastAPI
        assets_folder=str(ASSETS),
        requests_pathname_prefix=paths.prefix,
        routes_pathname_prefix="/",
        # addressed by their content below, where Dash would put in the time of the file
        assets_ignore=".*",
        external_stylesheets=[
            by_content(f"{paths.prefix}bootstrap/bootstrap.min.css", (BOOTSTRAP / "bootstrap.min.css").read_bytes()),
            by_content(f"{paths.prefix}assets/icons.css", icons.stylesheet().encode()),
            *_assets(paths, "css"),
        ],
        external_scripts=_assets(paths, "js"),
        title="fleetdash",
        update_title=None,  # type: ignore[arg-type]  # documented; "Updating..." in the tab every few seconds would draw the eye for nothing
        suppress_callback_exceptions=True,  # pages other than the first are made when they are opened
        serve_locally=True,
        index_string=_INDEX.replace("THEME", _asset(paths, _THEME)).replace("PREFIX", paths.prefix),
        on_error=log_error,
    )
    # callbacks go over HTTP; the backend would keep a second connection open for each page, for nothing
    app.backend.websocket_capability = False
    return app


def _address(app: Dash) -> tuple[str | None, str]:
    """Pathname and query string of the page that asks for the layout, as far as the browser tells them."""
    # Dash also makes the layout to validate it
    headers = app.backend.request_adapter().headers if app.backend.has_request_context() else {}
    referrer = urlsplit(headers.get("referer", ""))
    return referrer.path or None, f"?{referrer.query}" if referrer.query else ""


def _asset(paths: Paths, file: Path) -> str:
    return by_content(f"{paths.prefix}assets/{file.name}", file.read_bytes())


def _assets(paths: Paths, kind: str) -> list[str]:
    """In the order of their names, as Dash would take them in."""
    return [_asset(paths, file) for file in sorted(ASSETS.glob(f"*.{kind}")) if file != _THEME]


_PATHNAME = "fleetdash.pathname"


class _PageAddresses:
    """Every page is the same document, Dash's index, which reads its address in the browser."""

    def __init__(self, app: ASGIApp, paths: Paths) -> None:
        self._app = app
        self._paths = paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if scope["type"] == "http" and not path.startswith(("/_", "/assets/", "/bootstrap/")):
            scope = {**scope, "path": "/", _PATHNAME: self._paths.prefix + path.removeprefix("/")}
        await self._app(scope, receive, send)
