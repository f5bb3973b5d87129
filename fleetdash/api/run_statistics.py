"""`/api/scheduler-statistics`."""

from datetime import UTC, timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from fleetdash.api.conditional import json_response
from fleetdash.api.run_statistics_models import SchedulerStatistics
from fleetdash.domain.clock import Clock
from fleetdash.queries import FleetReader
from fleetdash.serving.problems import problem_responses

_RESPONSES = problem_responses(HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.SERVICE_UNAVAILABLE)
_DAYS = Query(ge=1, le=3660, description="Whole UTC days back from today; today is included.")


def add_routes(router: APIRouter, queries: FleetReader, clock: Clock) -> None:
    @router.get("/scheduler-statistics", tags=["runs"], response_model=SchedulerStatistics, responses=_RESPONSES)
    def scheduler_statistics(request: Request, days: Annotated[int, _DAYS] = 30) -> Response:
        """How well runs and vessels did, from the UTC midnight that begins the first day."""
        today = clock.now().astimezone(UTC).date()
        statistics = queries.statistics(today - timedelta(days=days), today)
        return json_response(request, SchedulerStatistics.model_validate(statistics))
