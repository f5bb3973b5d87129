"""The figures of a period, in one consistent read, for the page, its CSV files and the report.

The number of queries does not grow with the period. Days come from the rollups; only periods of up to eight days are
read run by run, so that a year costs its days, however many runs they had.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import peewee

from fleetdash.domain.analytics import summary as rules
from fleetdash.domain.analytics import time_buckets as cutting
from fleetdash.domain.analytics.period import Period, Step, midnight
from fleetdash.domain.analytics.run_statistics import ComponentDay, VesselReliability, summed
from fleetdash.domain.analytics.summary import Analytics, BadDay, FailureCount, Totals, VesselPerformance
from fleetdash.domain.analytics.time_buckets import TimeBucket
from fleetdash.domain.schedule import DueRuns, Schedule
from fleetdash.domain.status import ServiceStatus
from fleetdash.queries import run_statistics
from fleetdash.queries.analytics import outages, run_sums
from fleetdash.storage.rollups import day_number
from fleetdash.storage.rows import fetch_tuples
from fleetdash.storage.schema import VesselDayRow, VesselRecord, VesselSlaDayRow

_Sla = dict[str, tuple[int, int, float, float]]


def read(period: Period, schedule: Schedule | None, now: datetime) -> Analytics:
    """The figures of the period, and of the one before it."""
    first_day, oldest = run_statistics.first_day(), run_sums.oldest_run()
    known_since = _known_since(first_day, oldest)
    due = DueRuns(schedule, known_since, now, run_sums.slot_under_way())
    sums, sla, components = run_sums.timed_sums(period), _sla(period), _components(period)
    parts = run_sums.reliability(period)
    verdicts = _verdicts(components, sla)
    totals = _totals(period, sums, [part.without_reasons() for part in parts], verdicts, due)
    before = _before(period.previous, due)
    # hours only where the runs themselves are still kept
    kept = oldest is not None and (oldest[0] <= period.since or oldest[0].date() == first_day)
    step, time_buckets = _time_buckets(period, sums, by_hours=kept)
    vessels = _vessels()
    names = {vessel_id: name for vessel_id, name, *_ in vessels}
    performances = _performances(vessels, parts, sla, before)
    starts = rules.heat_columns(period)
    rate = totals.statistics.vessel_success_rate_percent
    explained = cutting.days_to_explain(period, run_sums.answered_by_day(period, sums), rate)
    order = [each.vessel_id for each in performances if each.runs]
    return Analytics(
        period=period,
        now=now,
        known_since=known_since,
        totals=totals,
        before=before if before.statistics.total_runs else None,
        step=step,
        time_buckets=time_buckets,
        components=components,
        vessels=performances,
        heat_starts=starts,
        heat=rules.heat_rows(names, order, heat_cells(period, starts), len(starts)),
        bad_days=tuple(_bad_day(period, day, due, rate) for day in explained),
        outages=outages.longest(period, names, now),
    )


def _known_since(first_day: date | None, oldest: tuple[datetime, datetime | None] | None) -> datetime | None:
    """The slot or the start of the first run; only its day, once retention has removed the run."""
    if first_day is None:
        return None
    if oldest is None or oldest[0].date() != first_day:
        return midnight(first_day)
    return oldest[1] or oldest[0]


def _before(period: Period, due: DueRuns) -> Totals:
    sums, vessels = run_sums.timed_sums(period), run_sums.vessels(period)
    return _totals(period, sums, vessels, _verdicts(_components(period), _sla(period)), due)


class _Verdicts(NamedTuple):
    """Checks of components, and how many met the SLA; checks of vessels, and the sum of their coverage."""

    checks: int
    compliant: int
    vessels_judged: int
    coverage_percent_sum: float


def _verdicts(components: Sequence[ComponentDay], sla: _Sla) -> _Verdicts:
    return _Verdicts(
        sum(day.checks for day in components),
        sum(day.compliant for day in components),
        sum(row[0] for row in sla.values()),
        sum(row[3] for row in sla.values()),
    )


def _totals(
    period: Period,
    sums: run_sums.TimedSums,
    parts: Sequence[VesselReliability],
    verdicts: _Verdicts,
    due: DueRuns,
) -> Totals:
    known = verdicts.vessels_judged
    return Totals(
        statistics=run_sums.figures(period, sums, parts),
        due=due.between(period.since, period.until),
        checks=verdicts.checks,
        compliant=verdicts.compliant,
        coverage_percent=verdicts.coverage_percent_sum / known if known else None,
    )


def _components(period: Period) -> tuple[ComponentDay, ...]:
    return run_statistics.component_days(period.first, period.last)


def _time_buckets(period: Period, sums: run_sums.TimedSums, *, by_hours: bool) -> tuple[Step, tuple[TimeBucket, ...]]:
    step = period.step
    if step is Step.HOUR and period.by_days:
        if by_hours:
            sums = run_sums.sums_by_run(period)
        else:
            step = Step.DAY
    return step, cutting.time_buckets(period, sums, step)


def _vessels() -> list[tuple[str, str, str, int | None]]:
    record = VesselRecord
    return [tuple(row) for row in fetch_tuples(record.select(record.id, record.name, record.status, record.left_at))]


def _sla(period: Period) -> _Sla:
    """By vessel: verdicts, those that met the SLA, sums of uptime and coverage; one query."""
    rows = VesselSlaDayRow
    sums = (rows.judged, rows.compliant, rows.uptime_percent_sum, rows.coverage_percent_sum)
    query = rows.select(rows.vessel_id, *map(peewee.fn.SUM, sums)).where(_within(rows, period))
    return {vessel_id: tuple(figures) for vessel_id, *figures in fetch_tuples(query.group_by(rows.vessel_id))}


def heat_cells(period: Period, starts: Sequence[date]) -> list[tuple[int, str, int, int]]:
    """Column, vessel, runs and successes; `starts`: the first day of each column, all equally wide. One query."""
    rows, first = VesselDayRow, day_number(starts[0])
    width = day_number(starts[1]) - first if len(starts) > 1 else 7
    column, sums = (rows.day - first) / width, (peewee.fn.SUM(rows.runs), peewee.fn.SUM(rows.successes))
    query = rows.select(column, rows.vessel_id, *sums).where(_within(rows, period))
    return [tuple(cell) for cell in fetch_tuples(query.group_by(peewee.SQL("1"), rows.vessel_id))]


def _within(model: Any, period: Period) -> peewee.Expression:
    within: peewee.Expression = model.day.between(day_number(period.first), day_number(period.last))
    return within


def _performances(
    vessels: Sequence[tuple[str, str, str, int | None]], parts: Sequence[VesselReliability], sla: _Sla, before: Totals
) -> tuple[VesselPerformance, ...]:
    """Of vessels in the fleet file, and of those that have left it and were asked in the period."""
    by_id = {each.vessel_id: each for each in parts}
    rates = {each.vessel_id: each.success_rate_percent for each in before.statistics.vessels}
    found = [
        _performance(vessel_id, name, None if left_at else ServiceStatus(status), by_id.get(vessel_id), rates, sla)
        for vessel_id, name, status, left_at in vessels
        if left_at is None or vessel_id in by_id
    ]
    known = {vessel_id for vessel_id, *_ in vessels}
    found += [
        _performance(part.vessel_id, part.vessel_id, None, part, rates, sla)
        for part in parts
        if part.vessel_id not in known
    ]
    return tuple(sorted(found, key=rules.by_trouble))


def _performance(
    vessel_id: str,
    name: str,
    status: ServiceStatus | None,
    part: VesselReliability | None,
    rates: dict[str, float | None],
    sla: _Sla,
) -> VesselPerformance:
    judged, compliant, uptime, coverage = sla.get(vessel_id, (0, 0, 0.0, 0.0))
    return VesselPerformance(
        vessel_id=vessel_id,
        name=name,
        runs=part.runs if part else 0,
        successes=part.successes if part else 0,
        retry_attempts=part.retry_attempts if part else 0,
        failures=part.failures if part else {},
        last_failure=part.last_failure if part else None,
        previous_rate_percent=rates.get(vessel_id),
        checks=judged,
        compliant=compliant,
        average_uptime_percent=uptime / judged if judged else None,
        average_coverage_percent=coverage / judged if judged else None,
        status=status,
    )


def _bad_day(period: Period, day: date, due: DueRuns, rate: float | None) -> BadDay:
    """With the reasons for its failures and its worst hours; five queries."""
    exact = Period.days(day, day)
    if not period.by_days:
        exact = Period(max(exact.since, period.since), min(exact.until, period.until), period.choice)
    sums = summed(piece for _, piece in run_sums.timed_sums(exact))
    vessels = run_sums.reliability(exact)
    kinds = {kind for vessel in vessels for kind in vessel.failures}
    reasons = [
        FailureCount(
            kind,
            sum(vessel.failures.get(kind, 0) for vessel in vessels),
            sum(kind in vessel.failures for vessel in vessels),
        )
        for kind in kinds
    ]
    return BadDay(
        day=day,
        vessels_asked=sums.vessels_asked,
        vessels_reached=sums.vessels_reached,
        slots_filled=sums.slots_filled,
        due=due.between(exact.since, exact.until),
        slow_runs=sums.slow_runs,
        reasons=tuple(sorted(reasons, key=lambda reason: (-reason.failures, reason.kind))),
        vessels_failed=sum(bool(vessel.failures) for vessel in vessels),
        vessels_total=len(vessels),
        hours=cutting.bad_hours(cutting.time_buckets(exact, run_sums.sums_by_run(exact), Step.HOUR), rate),
    )
