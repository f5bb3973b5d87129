"""Runs of a period as sums: from the daily rollups, or run by run where hours are asked for."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import peewee

from fleetdash.domain.analytics import RunSums
from fleetdash.domain.analytics_period import Period, midnight
from fleetdash.domain.runs import ErrorKind, RunStatus
from fleetdash.domain.statistics import (
    LastFailure,
    RunStatistics,
    VesselReliability,
    percentile,
    reliability_order,
)
from fleetdash.queries import statistics
from fleetdash.storage.days import day_date, day_number, unpack
from fleetdash.storage.models import SchedulerRunLog as Run
from fleetdash.storage.models import VesselQueryResult as Result
from fleetdash.storage.rollup_models import RunDayRow
from fleetdash.storage.rows import plain
from fleetdash.storage.timestamps import from_ms, to_ms

Pieces = list[tuple[datetime, RunSums]]

_DAY_SUMS = (
    "completed_runs", "partial_runs", "failed_runs", "interrupted_runs", "slow_runs", "slots_filled", "vessels_asked",
    "vessels_reached", "retry_attempts", "retry_seconds", "retry_wait_seconds", "retry_query_seconds",
)  # fmt: skip
_RUN = (
    Run.start_time, Run.status, Run.slow, Run.due_at, Run.successful_vessels, Run.failed_vessels, Run.retry_attempts,
    Run.retry_seconds, Run.retry_wait_seconds, Run.retry_query_seconds, Run.duration_seconds,
)  # fmt: skip


def by_day(period: Period) -> Pieces:
    """A piece a day that had runs; one query."""
    columns = [getattr(RunDayRow, name) for name in _DAY_SUMS]
    within = RunDayRow.day.between(day_number(period.first), day_number(period.last))
    rows = plain(RunDayRow.select(RunDayRow.day, *columns, RunDayRow.durations).where(within))
    return [
        (midnight(day_date(day)), RunSums(**dict(zip(_DAY_SUMS, sums, strict=True)), durations=list(unpack(durations))))
        for day, *sums, durations in rows
    ]


def by_run(period: Period) -> Pieces:
    """A piece a run that ended; one query, by the index of start times."""
    return [_piece(*row) for row in plain(Run.select(*_RUN).where(_ended_within(period)))]


def _piece(
    start: int,
    status: str,
    slow: bool,
    due_at: int | None,
    reached: int,
    failed: int,
    retries: int,
    wall: float,
    wait: float,
    query: float,
    duration: float | None,
) -> tuple[datetime, RunSums]:
    timed = status != RunStatus.INTERRUPTED and duration is not None
    sums = RunSums(
        slow_runs=int(slow),
        slots_filled=int(due_at is not None),
        vessels_asked=reached + failed,
        vessels_reached=reached,
        retry_attempts=retries,
        retry_seconds=wall,
        retry_wait_seconds=wait,
        retry_query_seconds=query,
        durations=[duration] if timed and duration is not None else [],
    )
    setattr(sums, f"{status}_runs", 1)
    return from_ms(start), sums


def oldest_run() -> tuple[datetime, datetime | None] | None:
    """Start and slot of the oldest run that is still kept."""
    row = Run.select(Run.start_time, Run.due_at).order_by(Run.start_time, Run.id).limit(1).tuples().first()
    return None if row is None else (from_ms(row[0]), from_ms(row[1]))


def slot_under_way() -> datetime | None:
    """The slot that the run under way fills."""
    row = (
        Run.select(Run.due_at)
        .where((Run.status == RunStatus.RUNNING.value) & Run.due_at.is_null(False))
        .order_by(Run.start_time.desc())
        .limit(1)
        .tuples()
        .first()
    )
    return None if row is None else from_ms(row[0])


def figures(period: Period) -> RunStatistics:
    """The figures of `/api/scheduler-statistics`, of days or of an exact time."""
    if period.by_days:
        return statistics.run_statistics(period.first, period.last)
    sums = RunSums()
    for _, piece in by_run(period):
        sums.add(piece)
    durations = sorted(sums.durations)
    named = {name: getattr(sums, name) for name in _DAY_SUMS if name != "slots_filled"}
    return RunStatistics(
        first_day=period.first,
        last_day=period.last,
        **named,
        average_duration_seconds=sum(durations) / len(durations) if durations else None,
        median_duration_seconds=percentile(durations, 0.5),
        p95_duration_seconds=percentile(durations, 0.95),
        vessels=tuple(sorted(_vessels(period), key=reliability_order)),
    )


def reliability(period: Period) -> tuple[VesselReliability, ...]:
    """Vessels, worst first, with their reasons for failure."""
    if period.by_days:
        return statistics.reliability(period.first, period.last)
    failures: dict[str, dict[ErrorKind, int]] = {}
    newest: dict[str, LastFailure] = {}
    ended = Result.chain_ended & ~Result.success & _tells_of_the_ship()
    query = Result.select(Result.vessel_id, Result.error_kind, Result.error_message, Result.timestamp).join(Run)
    for vessel_id, kind, message, at in plain(query.where(_ended_within(period) & ended).order_by(Result.timestamp)):
        known = ErrorKind(kind or ErrorKind.CONNECTION)  # a history from elsewhere may not say
        mine = failures.setdefault(vessel_id, {})
        mine[known] = mine.get(known, 0) + 1
        newest[vessel_id] = LastFailure(known, message or "", from_ms(at))
    with_reasons = (
        replace(each, failures=failures.get(each.vessel_id, {}), last_failure=newest.get(each.vessel_id))
        for each in _vessels(period)
    )
    return tuple(sorted(with_reasons, key=reliability_order))


def _vessels(period: Period) -> list[VesselReliability]:
    """Counted attempt by attempt: for a short time only."""
    reached = Result.chain_ended & Result.success
    failed = Result.chain_ended & ~Result.success & _tells_of_the_ship()
    query = (
        Result.select(Result.vessel_id, _count(reached | failed), _count(reached), _count(Result.attempt_number > 1))
        .join(Run)
        .where(_ended_within(period))
        .group_by(Result.vessel_id)
    )
    return [VesselReliability(*row) for row in plain(query)]


def _tells_of_the_ship() -> peewee.Expression:
    told: peewee.Expression = Result.error_kind.is_null() | (Result.error_kind != ErrorKind.CANCELLED.value)
    return told


def _count(condition: Any) -> peewee.Function:
    return peewee.fn.SUM(peewee.Case(None, ((condition, 1),), 0))


def _ended_within(period: Period) -> peewee.Expression:
    within: peewee.Expression = (
        (Run.start_time >= to_ms(period.since))
        & (Run.start_time < to_ms(period.until))
        & (Run.status != RunStatus.RUNNING.value)
    )
    return within
