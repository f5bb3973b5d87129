"""Run events, read from committed rows, so that every process that reads the database can push them."""

from dataclasses import dataclass

import peewee

from fleetdash.domain.events import AttemptFinished, RunEvent, RunFinished, RunStarted
from fleetdash.domain.runs import RunStatus
from fleetdash.storage.rows import attempt_of, run_of
from fleetdash.storage.schema import SchedulerRunLog, VesselQueryResult


@dataclass(frozen=True, slots=True)
class RunCounts:
    """The progress of a run under way, in vessels."""

    run_id: int
    total: int
    successful: int
    failed: int


@dataclass(frozen=True, slots=True)
class EventPosition:
    """The newest run and attempt seen, and the runs whose end was not seen."""

    run_id: int
    attempt_id: int
    open_runs: tuple[RunCounts, ...] = ()


def position() -> EventPosition:
    """The present end of the log."""
    running = SchedulerRunLog.select().where(SchedulerRunLog.status == RunStatus.RUNNING.value)
    return EventPosition(
        run_id=SchedulerRunLog.select(peewee.fn.MAX(SchedulerRunLog.id)).scalar() or 0,
        attempt_id=VesselQueryResult.select(peewee.fn.MAX(VesselQueryResult.id)).scalar() or 0,
        open_runs=tuple(_counts(row) for row in running),
    )


def after(seen: EventPosition) -> tuple[EventPosition, tuple[RunEvent, ...]]:
    """Starts, attempts and ends since `seen`; three queries at most."""
    new_runs = list(SchedulerRunLog.select().where(SchedulerRunLog.id > seen.run_id).order_by(SchedulerRunLog.id))
    new_attempts = list(
        VesselQueryResult.select().where(VesselQueryResult.id > seen.attempt_id).order_by(VesselQueryResult.id)
    )
    counts = {run.run_id: run for run in seen.open_runs}
    counts |= {row.id: RunCounts(row.id, row.total_vessels, 0, 0) for row in new_runs}
    events: list[RunEvent] = [RunStarted(run_of(row)) for row in new_runs]
    for result in new_attempts:
        if result.run_id in counts:
            counts[result.run_id], event = _attempt(counts[result.run_id], result)
            events.append(event)
    ended = _ended(list(counts))
    events += [RunFinished(run_of(row)) for row in ended]
    for row in ended:
        del counts[row.id]
    return (
        EventPosition(
            run_id=new_runs[-1].id if new_runs else seen.run_id,
            attempt_id=new_attempts[-1].id if new_attempts else seen.attempt_id,
            open_runs=tuple(counts.values()),
        ),
        tuple(events),
    )


def _ended(run_ids: list[int]) -> list[SchedulerRunLog]:
    if not run_ids:
        return []
    query = SchedulerRunLog.select().where(
        SchedulerRunLog.id.in_(run_ids) & (SchedulerRunLog.status != RunStatus.RUNNING.value)
    )
    return list(query.order_by(SchedulerRunLog.id))


def _attempt(before: RunCounts, row: VesselQueryResult) -> tuple[RunCounts, AttemptFinished]:
    attempt = attempt_of(row)
    now = RunCounts(
        before.run_id,
        before.total,
        before.successful + int(attempt.success),
        before.failed + int(attempt.unreachable),
    )
    event = AttemptFinished(
        run_id=str(now.run_id),
        attempt=attempt,
        finished_vessels=now.successful + now.failed,
        successful_vessels=now.successful,
        failed_vessels=now.failed,
        total_vessels=now.total,
    )
    return now, event


def _counts(row: SchedulerRunLog) -> RunCounts:
    return RunCounts(row.id, row.total_vessels, row.successful_vessels, row.failed_vessels)
