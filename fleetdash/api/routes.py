"""The calls under `/api`. Plain `def`: FastAPI runs each in a thread, so none holds up the event loop."""

import re
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response

from fleetdash.api.conditional import conditional, json_answer
from fleetdash.api.csv_export import to_csv
from fleetdash.api.fleet_cache import FleetCache
from fleetdash.api.health import Health, HealthStatus, Verdict, read_health
from fleetdash.api.report_routes import add_report
from fleetdash.api.run_filter import VESSEL_ID, RunPageQuery
from fleetdash.api.run_models import Run, RunDetails, RunPage, RunRequested
from fleetdash.api.run_statistics import add_statistics
from fleetdash.api.version import add_version
from fleetdash.api.vessel_models import Fleet, Vessel, VesselDetails
from fleetdash.domain import read_models
from fleetdash.domain.access import current_caller
from fleetdash.domain.clock import Clock
from fleetdash.domain.runs import SchedulerControl
from fleetdash.errors import NotFound
from fleetdash.queries import FleetReader
from fleetdash.queries.data_version import DataVersion
from fleetdash.serving.problems import problem_responses

Filter = Annotated[RunPageQuery, Query()]

_NOT_FOUND = problem_responses(HTTPStatus.NOT_FOUND)
_INVALID = problem_responses(HTTPStatus.UNPROCESSABLE_ENTITY)
_UNAVAILABLE = problem_responses(HTTPStatus.SERVICE_UNAVAILABLE)
_CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}


def create_router(queries: FleetReader, scheduler: SchedulerControl, clock: Clock, versions: DataVersion) -> APIRouter:
    """All of the contract's calls."""
    router = APIRouter(prefix="/api")
    _add_health(router, queries, scheduler)
    add_version(router, versions)
    _add_fleet(router, queries)
    _add_runs(router, queries)
    _add_csv(router, queries)
    add_statistics(router, queries, clock)
    add_report(router, queries, clock)
    _add_start(router, scheduler)
    return router


def _add_health(router: APIRouter, queries: FleetReader, scheduler: SchedulerControl) -> None:
    told = Health | Verdict
    failing: dict[int | str, dict[str, Any]] = {503: {"model": told, "description": "It does not do its job."}}

    @router.get("/health", tags=["health"], response_model=told, responses=failing)
    def health() -> Response:
        """Whether this process does its job; to those who did not log in only the verdict."""
        found: Verdict = read_health(queries, scheduler)
        if current_caller() is None:
            found = Verdict(status=found.status)
        status = HTTPStatus.SERVICE_UNAVAILABLE if found.status is HealthStatus.FAILING else HTTPStatus.OK
        return Response(found.model_dump_json(), status, {"Cache-Control": "no-store"}, "application/json")


def _add_fleet(router: APIRouter, queries: FleetReader) -> None:
    answers = FleetCache(queries)

    @router.get("/fleet-overview", tags=["fleet"], response_model=Fleet, responses=_INVALID | _UNAVAILABLE)
    def fleet_overview(request: Request, include_devices: bool = False) -> Response:
        """Every vessel, worst first, and the fleet's sums."""
        body, etag = answers.body(include_devices)
        return conditional(request, body, "application/json", etag=etag)

    @router.get(
        "/vessels/{vessel_id}", tags=["fleet"], response_model=VesselDetails, responses=_NOT_FOUND | _UNAVAILABLE
    )
    def vessel(request: Request, vessel_id: str) -> Response:
        """One vessel with every device and its components."""
        if not re.fullmatch(VESSEL_ID, vessel_id):
            raise NotFound(f"there is no vessel {vessel_id!r}")  # PostgreSQL would choke on some
        return json_answer(request, VesselDetails.of(queries.vessel(vessel_id)))


def _add_runs(router: APIRouter, queries: FleetReader) -> None:
    @router.get("/scheduler-runs", tags=["runs"], response_model=RunPage, responses=_INVALID | _UNAVAILABLE)
    def scheduler_runs(request: Request, wanted: Filter) -> Response:
        """The run log, newest first."""
        return json_answer(request, RunPage.model_validate(_page(queries, wanted)))

    @router.get(
        "/scheduler-runs/{run_id}", tags=["runs"], response_model=RunDetails, responses=_NOT_FOUND | _UNAVAILABLE
    )
    def scheduler_run(request: Request, run_id: str) -> Response:
        """One run with its attempts."""
        return json_answer(request, RunDetails.of(queries.run(run_id)))


def _add_csv(router: APIRouter, queries: FleetReader) -> None:
    @router.get("/scheduler-runs.csv", tags=["runs"], response_class=Response, responses=_CSV | _INVALID | _UNAVAILABLE)
    def scheduler_runs_csv(request: Request, wanted: Filter) -> Response:
        """The rows of `/api/scheduler-runs`; the `Link` header names the page after them."""
        page = _page(queries, wanted)
        return _csv_answer(request, to_csv(Run, map(Run.model_validate, page.runs)), _next_page(request, page))

    @router.get("/vessels.csv", tags=["fleet"], response_class=Response, responses=_CSV | _UNAVAILABLE)
    def vessels_csv(request: Request) -> Response:
        """The vessels of `/api/fleet-overview`, worst first."""
        rows = map(Vessel.of, queries.fleet().vessels)
        return _csv_answer(request, to_csv(Vessel, rows, leave_out=frozenset({"devices"})))


def _add_start(router: APIRouter, scheduler: SchedulerControl) -> None:
    refusals = problem_responses(HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT)

    @router.post(
        "/scheduler-runs",
        tags=["runs"],
        status_code=HTTPStatus.ACCEPTED,
        response_model=RunRequested,
        responses=refusals | _UNAVAILABLE,
    )
    def start_run() -> Response:
        """Start a run now; 409 while one is under way."""
        started = RunRequested(run_id=scheduler.request_run())
        # relative, for a proxy may have taken a prefix off the path
        where = {"Location": f"scheduler-runs/{quote(started.run_id)}"}
        return Response(started.model_dump_json(), HTTPStatus.ACCEPTED, where, "application/json")


def _page(queries: FleetReader, wanted: RunPageQuery) -> read_models.RunPage:
    return queries.runs(wanted.filter, limit=wanted.limit, cursor=wanted.cursor)


def _csv_answer(request: Request, body: bytes, headers: dict[str, str] | None = None) -> Response:
    name = request.url.path.rpartition("/")[2]
    download = {"Content-Disposition": f'attachment; filename="{name}"'}
    return conditional(request, body, "text/csv; charset=utf-8", download | (headers or {}))


def _next_page(request: Request, page: read_models.RunPage) -> dict[str, str]:
    if page.next_cursor is None:
        return {}
    return {"Link": f'<?{request.url.include_query_params(cursor=page.next_cursor).query}>; rel="next"'}
