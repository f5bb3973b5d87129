"""The one FastAPI app, which the page is then mounted on."""

from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from fleetdash.api import docs_page, unknown_paths, websocket
from fleetdash.api.metrics import add_metrics
from fleetdash.api.openapi_security import describe_access
from fleetdash.api.routes import create_router
from fleetdash.api.run_feed import RunFeed
from fleetdash.domain.clock import Clock
from fleetdash.domain.runs import SchedulerControl
from fleetdash.queries import FleetReader
from fleetdash.queries.data_version import DataVersion
from fleetdash.serving import problems
from fleetdash.serving.same_origin import SameOrigin
from fleetdash.serving.turns import Turns

_DESCRIPTION = """The on-board network equipment of a fleet of vessels, watched from shore.

Times are ISO 8601 in UTC; durations are seconds; an unknown value is `null`. Errors are RFC 9457 problem documents.
Answers to `GET` carry an `ETag`. Runs are pushed over the WebSocket `/ws/scheduler-runs`.
"""


class ApiApp(FastAPI):
    """FastAPI, whose document describes our problem documents in place of its own."""

    def __init__(self, *, secured: bool, **options: Any) -> None:
        super().__init__(**options)
        self._secured = secured

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema:
            return self.openapi_schema
        document = super().openapi()
        schemas = document["components"]["schemas"]
        schemas["Problem"] = problems.Problem.model_json_schema(mode="serialization")
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        for path in document["paths"].values():
            for call in path.values():
                _forget_invalid(call["responses"])
        if self._secured:
            describe_access(document)
        return document


def _forget_invalid(responses: dict[str, Any]) -> None:
    """FastAPI promises its own 422 for each call with a parameter, though any text may stand in a path."""
    if "application/json" in responses.get("422", {}).get("content", {}):
        del responses["422"]


class HeadAsGet:
    """Answers HEAD wherever there is a GET; the server leaves the body out. FastAPI answers it with 405."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "HEAD":
            scope = {**scope, "method": "GET"}
        await self._app(scope, receive, send)


def create_api(
    queries: FleetReader,
    scheduler: SchedulerControl,
    *,
    clock: Clock,
    versions: DataVersion | None = None,
    secured: bool = False,
) -> FastAPI:
    """All calls, their description and the WebSocket; starts nothing.

    `versions`: what the page shares, else the API's own. `secured`: one has to log in.
    """
    app = ApiApp(
        secured=secured,
        title="fleetdash",
        version="1",
        description=_DESCRIPTION,
        # relative to the document, so that it holds under a proxy's path prefix too
        servers=[{"url": "."}],
        docs_url=None,
        redoc_url=None,
        # it would answer with an address that lacks a proxy's prefix
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
    )
    app.add_middleware(Turns, clock=clock)
    app.add_middleware(SameOrigin)
    app.add_middleware(HeadAsGet)
    problems.register(app)
    router = create_router(queries, scheduler, clock, versions or DataVersion(queries, scheduler, clock))
    app.include_router(router)
    monitored = APIRouter()
    add_metrics(monitored, queries, scheduler)
    app.include_router(monitored)
    unknown_paths.register(app, router)
    docs_page.register(app)
    websocket.register(app, RunFeed(queries, clock))
    return app
