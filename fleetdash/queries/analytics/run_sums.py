"""The runs of a period as sums: from the daily rollups, or run by run where hours are needed."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import peewee

from fleetdash.domain.analytics.actions import OwnRuns, is_fleet_wide
from fleetdash.domain.analytics.period import Period, midnight
from fleetdash.domain.analytics.run_statistics import (
    LastFailure,
    RunStatistics,
    RunSums,
    VesselReliability,
    reliability_order,
    statistics_of,
    summed,
)
from fleetdash.domain.runs import ErrorKind, RunStatus, failure_kind
from fleetdash.queries import run_statistics
from fleetdash.storage.rows import RUN_SUMS, fetch_tuples, run_sums_of
from fleetdash.storage.schema import SchedulerRunLog as Run
from fleetdash.storage.schema import VesselQueryResult as Result
from fleetdash.storage.timestamps import from_ms, to_ms

TimedSums = list[tuple[datetime, RunSums]]


def timed_sums(period: Period) -> TimedSums:
    """One per day that had runs; one per run where the period has exact times. One query."""
    if not period.by_days:
        return sums_by_run(period)
    return [(midnight(day), sums) for day, sums in run_statistics.run_sums(period.first, period.last)]


def sums_by_run(period: Period) -> TimedSums:
    """One per run that ended; one query, by the index of start times."""
    query = Run.select(Run.start_time, *RUN_SUMS).where(_ended_within(period))
    return [(from_ms(start), run_sums_of(*row)) for start, *row in fetch_tuples(query)]


def answered_by_day(period: Period, sums: TimedSums) -> list[tuple[date, int, int]]:
    """Vessel queries asked and answered on each day with runs; of whole days, one query."""
    if period.by_days:
        return run_statistics.answered_by_day(period.first, period.last)
    days: dict[date, list[RunSums]] = {}
    for moment, run in sums:
        days.setdefault(moment.date(), []).append(run)
    return [
        (day, sum(each.vessels_asked for each in mine), sum(each.vessels_reached for each in mine))
        for day, mine in days.items()
    ]


def oldest_run() -> tuple[datetime, datetime | None] | None:
    """Start and slot of the oldest run in the log."""
    row = Run.select(Run.start_time, Run.due_at).order_by(Run.start_time, Run.id).limit(1).tuples().first()
    return None if row is None else (from_ms(row[0]), from_ms(row[1]))


def oldest_attempt() -> datetime | None:
    """The start of the first run whose attempts are still kept."""
    start = Run.select(Run.start_time).join(Result).order_by(Result.id).limit(1).scalar()
    return None if start is None else from_ms(start)


def slot_under_way() -> datetime | None:
    """The slot of the run under way."""
    row = (
        Run.select(Run.due_at)
        .where((Run.status == RunStatus.RUNNING.value) & Run.due_at.is_null(False))
        .order_by(Run.id.desc())
        .limit(1)
        .tuples()
        .first()
    )
    return None if row is None else from_ms(row[0])


def figures(period: Period, sums: TimedSums, vessels: Iterable[VesselReliability]) -> RunStatistics:
    """The figures of `/api/scheduler-statistics`, also for a period with exact times."""
    return statistics_of(period.first, period.last, summed(each for _, each in sums), vessels)


def vessels(period: Period) -> list[VesselReliability]:
    """How each did, without reasons; one query."""
    return run_statistics.vessels(period.first, period.last) if period.by_days else _vessels(period)


def reliability(period: Period) -> tuple[VesselReliability, ...]:
    """Vessels, worst first, with their reasons for failure."""
    if period.by_days:
        return run_statistics.reliability(period.first, period.last)
    failures: dict[str, dict[ErrorKind, int]] = {}
    newest: dict[str, LastFailure] = {}
    ended = Result.chain_ended & ~Result.success & Result.counts_for_vessel()
    query = Result.select(Result.vessel_id, Result.error_kind, Result.error_message, Result.timestamp).join(Run)
    for vessel_id, kind, message, at in fetch_tuples(
        query.where(_ended_within(period) & ended).order_by(Result.timestamp)
    ):
        known = failure_kind(kind)
        mine = failures.setdefault(vessel_id, {})
        mine[known] = mine.get(known, 0) + 1
        newest[vessel_id] = LastFailure(known, message or "", from_ms(at))
    with_reasons = (
        replace(each, failures=failures.get(each.vessel_id, {}), last_failure=newest.get(each.vessel_id))
        for each in _vessels(period)
    )
    return tuple(sorted(with_reasons, key=reliability_order))


def _vessels(period: Period) -> list[VesselReliability]:
    """Counted attempt by attempt: for short periods only."""
    query = counted_attempts(period, Result.vessel_id, more=(_count(Result.attempt_number > 1),))
    return [VesselReliability(*row) for row in fetch_tuples(query.group_by(Result.vessel_id))]


def counted_attempts(period: Period, *keys: Any, more: Sequence[Any] = ()) -> "peewee.ModelSelect[Result]":
    """The keys to group by, then the runs that count for a vessel, and those that reached it."""
    reached = Result.chain_ended & Result.success
    failed = Result.chain_ended & ~Result.success & Result.counts_for_vessel()
    query = Result.select(*keys, _count(reached | failed), _count(reached), *more).join(Run)
    return query.where(_ended_within(period))


def fleet_wide_failures(period: Period) -> dict[str, OwnRuns]:
    """By vessel: the runs in which so much of the fleet failed that it was not the vessels' own; one query.

    Only runs whose attempts are still kept.
    """
    wide = is_fleet_wide(Run.failed_vessels, Run.total_vessels)
    query = (
        Result.select(Result.vessel_id, Result.error_kind, Result.success, peewee.fn.COUNT(Result.id))
        .join(Run)
        .where(_ended_within(period) & wide & Result.chain_ended & (Result.success | Result.counts_for_vessel()))
        .group_by(Result.vessel_id, Result.error_kind, Result.success)
    )
    runs: dict[str, int] = {}
    failures: dict[str, dict[ErrorKind, int]] = {}
    for vessel_id, kind, success, count in fetch_tuples(query):
        runs[vessel_id] = runs.get(vessel_id, 0) + count
        if not success:
            failures.setdefault(vessel_id, {})[failure_kind(kind)] = count
    return {vessel_id: OwnRuns(count, failures.get(vessel_id, {})) for vessel_id, count in runs.items()}


def _count(condition: Any) -> peewee.Function:
    return peewee.fn.SUM(peewee.Case(None, ((condition, 1),), 0))


def _ended_within(period: Period) -> peewee.Expression:
    within: peewee.Expression = (
        (Run.start_time >= to_ms(period.since))
        & (Run.start_time < to_ms(period.until))
        & (Run.status != RunStatus.RUNNING.value)
    )
    return within
