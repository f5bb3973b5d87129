"""Whether the process does its job, for a monitoring system or a load balancer."""

from enum import StrEnum

from pydantic import Field

from fleetdash.api.model_base import ApiModel, Moment
from fleetdash.domain import runs
from fleetdash.errors import StorageError
from fleetdash.queries import Queries


class HealthStatus(StrEnum):
    """`FAILING`: the database cannot be read, or the thread that should run is dead; `DEGRADED`: a run is overdue."""

    OK = "ok"
    DEGRADED = "degraded"
    FAILING = "failing"


class SchedulerHealth(ApiModel):
    """The scheduler of this process, or what the database tells of another one's."""

    running: bool
    current_run_id: str | None = Field(examples=[None])
    next_run_at: Moment | None
    last_run_at: Moment | None
    overdue: bool = Field(description="Two minutes after a due time no run has begun, or the thread is dead.")


class Health(ApiModel):
    """The verdict, and what it rests on."""

    status: HealthStatus
    database: str = Field(description="ok, or what is wrong with it.", examples=["ok"])
    scheduler: SchedulerHealth


def read_health(queries: Queries, scheduler: runs.SchedulerControl) -> Health:
    """A scheduler elsewhere (`here` false) is not this process's to answer for, unless it is overdue."""
    database = _database(queries)
    state = _scheduler(scheduler)
    dead = state.here and not state.running
    if database != "ok" or dead:
        status = HealthStatus.FAILING
    else:
        status = HealthStatus.DEGRADED if state.overdue else HealthStatus.OK
    return Health(status=status, database=database, scheduler=SchedulerHealth.model_validate(state))


def _database(queries: Queries) -> str:
    try:
        queries.check()
    except StorageError as error:
        return str(error)
    return "ok"


def _scheduler(scheduler: runs.SchedulerControl) -> runs.SchedulerStatus:
    try:
        return scheduler.status()
    except StorageError:  # one that runs elsewhere is known from the database only
        return runs.SchedulerStatus(running=False, here=False)
