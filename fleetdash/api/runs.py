"""`/api/scheduler-runs`: the run log as JSON and as CSV, and starting a run."""

from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response

from fleetdash.api.conditional import json_response
from fleetdash.api.csv_export import CSV, csv_response, to_csv
from fleetdash.api.run_filter import RunPageQuery
from fleetdash.api.run_models import Run, RunDetails, RunPage, RunRequested
from fleetdash.domain import read_models
from fleetdash.domain.runs import SchedulerControl
from fleetdash.queries import FleetReader
from fleetdash.serving.problems import problem_responses

PageQuery = Annotated[RunPageQuery, Query()]

_NOT_FOUND = problem_responses(HTTPStatus.NOT_FOUND)
_INVALID = problem_responses(HTTPStatus.UNPROCESSABLE_ENTITY)
_REFUSED = problem_responses(HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT)
_UNAVAILABLE = problem_responses(HTTPStatus.SERVICE_UNAVAILABLE)


def add_routes(router: APIRouter, queries: FleetReader, scheduler: SchedulerControl) -> None:
    _add_log(router, queries)
    _add_csv(router, queries)
    _add_start(router, scheduler)


def _add_log(router: APIRouter, queries: FleetReader) -> None:
    @router.get("/scheduler-runs", tags=["runs"], response_model=RunPage, responses=_INVALID | _UNAVAILABLE)
    def scheduler_runs(request: Request, query: PageQuery) -> Response:
        """The run log, newest first."""
        return json_response(request, RunPage.model_validate(_read_page(queries, query)))

    @router.get(
        "/scheduler-runs/{run_id}", tags=["runs"], response_model=RunDetails, responses=_NOT_FOUND | _UNAVAILABLE
    )
    def scheduler_run(request: Request, run_id: str) -> Response:
        """One run with its attempts."""
        return json_response(request, RunDetails.of(queries.run(run_id)))


def _add_csv(router: APIRouter, queries: FleetReader) -> None:
    @router.get("/scheduler-runs.csv", tags=["runs"], response_class=Response, responses=CSV | _INVALID | _UNAVAILABLE)
    def scheduler_runs_csv(request: Request, query: PageQuery) -> Response:
        """The rows of `/api/scheduler-runs`; the `Link` header names the next page."""
        page = _read_page(queries, query)
        body = to_csv(Run, map(Run.model_validate, page.runs))
        return csv_response(request, body, "scheduler-runs.csv", _next_page(request, page))


def _add_start(router: APIRouter, scheduler: SchedulerControl) -> None:
    @router.post(
        "/scheduler-runs",
        tags=["runs"],
        status_code=HTTPStatus.ACCEPTED,
        response_model=RunRequested,
        responses=_REFUSED | _UNAVAILABLE,
    )
    def start_run() -> Response:
        """Start a run now; 409 while one is under way."""
        started = RunRequested(run_id=scheduler.request_run())
        # relative, for a proxy may have taken a prefix off the path
        location = {"Location": f"scheduler-runs/{quote(started.run_id)}"}
        return Response(started.model_dump_json(), HTTPStatus.ACCEPTED, location, "application/json")


def _read_page(queries: FleetReader, query: RunPageQuery) -> read_models.RunPage:
    return queries.runs(query.filter, limit=query.limit, cursor=query.cursor)


def _next_page(request: Request, page: read_models.RunPage) -> dict[str, str]:
    if page.next_cursor is None:
        return {}
    return {"Link": f'<?{request.url.include_query_params(cursor=page.next_cursor).query}>; rel="next"'}
