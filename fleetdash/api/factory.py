"""The FastAPI app, on which the page is mounted later."""

from typing import Any

from fastapi import APIRouter, FastAPI

from fleetdash.api import (
    docs_page,
    events,
    fleet,
    health,
    metrics,
    report,
    run_statistics,
    runs,
    unknown_paths,
    version,
    vessels,
)
from fleetdash.api.openapi_security import describe_security
from fleetdash.api.run_feed import RunFeed
from fleetdash.domain.clock import Clock
from fleetdash.domain.runs import SchedulerControl
from fleetdash.queries import FleetReader
from fleetdash.queries.data_version import DataVersion
from fleetdash.serving import problems

_DESCRIPTION = """The on-board network equipment of a fleet of vessels, watched from shore.

Times are ISO 8601 in UTC; durations are seconds; an unknown value is `null`. Errors are RFC 9457 problem documents.
Responses to `GET` carry an `ETag`. Runs are pushed over the WebSocket `/ws/scheduler-runs`.
"""


class ApiApp(FastAPI):
    """FastAPI whose OpenAPI document describes problem documents instead of FastAPI's own errors."""

    def __init__(self, *, auth_required: bool, **options: Any) -> None:
        super().__init__(**options)
        self._auth_required = auth_required

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
                _drop_default_422(call["responses"])
        if self._auth_required:
            describe_security(document)
        return document


def _drop_default_422(responses: dict[str, Any]) -> None:
    """FastAPI documents its own 422 for each call with a parameter, though a path takes any text."""
    if "application/json" in responses.get("422", {}).get("content", {}):
        del responses["422"]


def create_api(
    queries: FleetReader,
    scheduler: SchedulerControl,
    *,
    clock: Clock,
    versions: DataVersion,
    auth_required: bool = False,
) -> FastAPI:
    """All calls, their description and the WebSocket; starts nothing."""
    app = ApiApp(
        auth_required=auth_required,
        title="fleetdash",
        version="1",
        description=_DESCRIPTION,
        # relative to the document, so that it also holds behind a proxy's path prefix
        servers=[{"url": "."}],
        docs_url=None,
        redoc_url=None,
        # it would redirect to an address without a proxy's prefix
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
    )
    problems.register(app)
    router = APIRouter(prefix="/api")
    health.add_routes(router, queries, scheduler)
    version.add_routes(router, versions)
    fleet.add_routes(router, queries)
    vessels.add_routes(router, queries)
    runs.add_routes(router, queries, scheduler)
    run_statistics.add_routes(router, queries, clock)
    report.add_routes(router, queries, clock)
    app.include_router(router)
    metrics.add_routes(app.router, queries, scheduler)
    unknown_paths.register(app, router)
    docs_page.register(app)
    events.register(app, RunFeed(queries, clock))
    return app
