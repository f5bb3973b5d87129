"""Creates the Dash app and mounts it on the API's FastAPI app. Starts no thread and no server."""

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
"""In the head, since it must run before the first paint."""


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
    """Mount the page on `server`, for every path that has no route of its own.

    A proxy strips `path_prefix` from requests, so only URLs sent to the browser contain it.
    """
    paths, rendered = Paths(path_prefix), Rendered(versions)
    # on an app of its own, so that Dash's routes and middleware do not apply to the API
    mounted = FastAPI(openapi_url=None)
    app = _dash(mounted, paths)

    def layout() -> Component:
        pathname, search = _address(app)
        version, found = "", None
        try:
            version = versions.read()
            found = fleet.first_parts(queries, paths, search) if paths.is_fleet(pathname) else None
        except Exception:  # the page must load in any case; its callbacks then show the error
            log.exception("could not render the fleet for the layout")
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
    """With our own index route: Dash's would answer 200 for paths that are no page."""

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
        # URLs below contain a hash of the content, where Dash's would contain the file's time
        assets_ignore=".*",
        external_stylesheets=[
            by_content(f"{paths.prefix}bootstrap/bootstrap.min.css", (BOOTSTRAP / "bootstrap.min.css").read_bytes()),
            by_content(f"{paths.prefix}assets/icons.css", icons.stylesheet().encode()),
            *_assets(paths, "css"),
        ],
        external_scripts=_assets(paths, "js"),
        title="fleetdash",
        update_title=None,  # type: ignore[arg-type]  # documented; else the tab shows "Updating..." every few seconds
        suppress_callback_exceptions=True,  # other pages are created when they are opened
        serve_locally=True,
        index_string=_INDEX.replace("THEME", _asset(paths, _THEME)).replace("PREFIX", paths.prefix),
        on_error=log_error,
    )
    # callbacks use HTTP; the backend would also keep an unused WebSocket open per page
    app.backend.websocket_capability = False
    return app


def _address(app: Dash) -> tuple[str | None, str]:
    """Pathname and query string of the page that requests the layout, from its Referer."""
    # Dash also calls the layout without a request, to validate it
    headers = app.backend.request_adapter().headers if app.backend.has_request_context() else {}
    referrer = urlsplit(headers.get("referer", ""))
    return referrer.path or None, f"?{referrer.query}" if referrer.query else ""


def _asset(paths: Paths, file: Path) -> str:
    return by_content(f"{paths.prefix}assets/{file.name}", file.read_bytes())


def _assets(paths: Paths, kind: str) -> list[str]:
    """Sorted by name, as Dash would include them."""
    return [_asset(paths, file) for file in sorted(ASSETS.glob(f"*.{kind}")) if file != _THEME]


_PATHNAME = "fleetdash.pathname"


class _PageAddresses:
    """Serves Dash's index for every page; the browser then reads the address."""

    def __init__(self, app: ASGIApp, paths: Paths) -> None:
        self._app = app
        self._paths = paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if scope["type"] == "http" and not path.startswith(("/_", "/assets/", "/bootstrap/")):
            scope = {**scope, "path": "/", _PATHNAME: self._paths.prefix + path.removeprefix("/")}
        await self._app(scope, receive, send)
