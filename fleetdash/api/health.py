"""`/api/health`: whether the process does its job, for a monitoring system or a load balancer."""

from enum import StrEnum
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Response
from pydantic import Field

from fleetdash.api.model_base import ApiModel, Moment
from fleetdash.domain import runs
from fleetdash.domain.access import current_caller
from fleetdash.errors import StorageError
from fleetdash.queries import FleetReader


class HealthStatus(StrEnum):
    """`FAILING`: the database cannot be read, or the scheduler's thread is dead.

    `DEGRADED`: a run is overdue, or attempts wait in the journal.
    """

    OK = "ok"
    DEGRADED = "degraded"
    FAILING = "failing"


class SchedulerHealth(ApiModel):
    """This process's scheduler, or another process's as the database shows it."""

    running: bool
    current_run_id: str | None = Field(examples=[None])
    next_run_at: Moment | None
    last_run_at: Moment | None
    overdue: bool = Field(
        description="No run began within two minutes of a due time, or the scheduler's thread is dead."
    )


class JournalHealth(ApiModel):
    """What runs recorded while the database was unavailable, to be written later."""

    waiting_records: int
    waiting_since: Moment | None = Field(description="When the oldest of them was recorded.", examples=[None])
    journal_full: bool = Field(description="There is no room for another run; none is started.")


class PublicHealth(ApiModel):
    """What anyone may read."""

    status: HealthStatus


class Health(PublicHealth):
    """The status and the reasons for it."""

    reason: str | None = Field(description="Why it is not ok.", examples=[None])
    database: str = Field(description="ok, or what is wrong with it.", examples=["ok"])
    scheduler: SchedulerHealth
    journal: JournalHealth


def add_routes(router: APIRouter, queries: FleetReader, scheduler: runs.SchedulerControl) -> None:
    model = Health | PublicHealth
    failing: dict[int | str, dict[str, Any]] = {503: {"model": model, "description": "It does not do its job."}}

    @router.get("/health", tags=["health"], response_model=model, responses=failing)
    def health() -> Response:
        """Whether this process does its job; only `status` for callers who have not logged in."""
        current: PublicHealth = read_health(queries, scheduler)
        if current_caller() is None:
            current = PublicHealth(status=current.status)
        status = HTTPStatus.SERVICE_UNAVAILABLE if current.status is HealthStatus.FAILING else HTTPStatus.OK
        return Response(current.model_dump_json(), status, {"Cache-Control": "no-store"}, "application/json")


def read_health(queries: FleetReader, scheduler: runs.SchedulerControl) -> Health:
    """A scheduler in another process counts only when it is overdue."""
    database = _database(queries)
    state = _scheduler(scheduler)
    failures = [database] if database != "ok" else []
    failures += ["the thread that makes the runs is dead"] if state.is_local and not state.running else []
    complaints = _complaints(state)
    status = HealthStatus.FAILING if failures else HealthStatus.DEGRADED if complaints else HealthStatus.OK
    return Health(
        status=status,
        reason="; ".join(failures + complaints) or None,
        database=database,
        scheduler=SchedulerHealth.model_validate(state),
        journal=JournalHealth.model_validate(state),
    )


def _complaints(state: runs.SchedulerStatus) -> list[str]:
    """Why the service is degraded."""
    complaints = ["a run is overdue"] if state.overdue else []
    if state.waiting_records:
        complaints.append(f"{state.waiting_records} records wait in the journal for the database")
    if state.journal_full:
        complaints.append("the journal is full: no run is started until they are written")
    return complaints


def _database(queries: FleetReader) -> str:
    try:
        queries.check()
    except StorageError as error:
        return str(error)
    return "ok"


def _scheduler(scheduler: runs.SchedulerControl) -> runs.SchedulerStatus:
    try:
        return scheduler.status()
    except StorageError:  # the state of a scheduler in another process comes from the database
        return runs.SchedulerStatus(running=False, is_local=False)
