"""`/api/scheduler-statistics`."""

from datetime import UTC, timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from fleetdash.api.conditional import json_answer
from fleetdash.api.run_statistics_models import SchedulerStatistics
from fleetdash.domain.clock import Clock
from fleetdash.queries import FleetReader
from fleetdash.serving.problems import problem_responses

_RESPONSES = problem_responses(HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.SERVICE_UNAVAILABLE)
_DAYS = Query(ge=1, le=3660, description="Whole UTC days back from today, which is included too.")


def add_statistics(router: APIRouter, queries: FleetReader, clock: Clock) -> None:
    @router.get("/scheduler-statistics", tags=["runs"], response_model=SchedulerStatistics, responses=_RESPONSES)
    def scheduler_statistics(request: Request, days: Annotated[int, _DAYS] = 30) -> Response:
        """How well runs and vessels did; from the UTC midnight that begins the day so many days back."""
        today = clock.now().astimezone(UTC).date()
        found = queries.statistics(today - timedelta(days=days), today)
        return json_answer(request, SchedulerStatistics.model_validate(found))
