"""Whether the process does its job, for a monitoring system or a load balancer."""

from enum import StrEnum

from pydantic import Field

from fleetdash.api.model_base import ApiModel, Moment
from fleetdash.domain import runs
from fleetdash.errors import StorageError
from fleetdash.queries import FleetReader


class HealthStatus(StrEnum):
    """`FAILING`: the database cannot be read, or the thread that should run is dead.

    `DEGRADED`: a run is overdue, or attempts wait in the journal.
    """

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


class JournalHealth(ApiModel):
    """What runs recorded while the database was away, and waits for it."""

    waiting_records: int
    waiting_since: Moment | None = Field(description="When the oldest of them was recorded.", examples=[None])
    journal_full: bool = Field(description="There is no room for another run, so none is started.")


class Verdict(ApiModel):
    """What anyone may know."""

    status: HealthStatus


class Health(Verdict):
    """The verdict, and what it rests on."""

    reason: str | None = Field(description="Why it is not ok.", examples=[None])
    database: str = Field(description="ok, or what is wrong with it.", examples=["ok"])
    scheduler: SchedulerHealth
    journal: JournalHealth


def read_health(queries: FleetReader, scheduler: runs.SchedulerControl) -> Health:
    """A scheduler elsewhere (`here` false) is not this process's to answer for, unless it is overdue."""
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
    """What is amiss though the service stands."""
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
    except StorageError:  # one that runs elsewhere is known from the database only
        return runs.SchedulerStatus(running=False, is_local=False)
