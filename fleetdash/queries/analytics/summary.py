"""All that is said of a period, in one consistent read: page, CSV files and report take it from here.

The number of queries does not grow with the period. Days and weeks come from the rollups, and what was read of whole
weeks is kept (`queries.covers`); only periods of up to eight days are looked at run by run, so that a year costs what
its weeks do, however many runs they had.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from fleetdash.domain.analytics import summary as rules
from fleetdash.domain.analytics import time_buckets as cutting
from fleetdash.domain.analytics.period import Period, Step, midnight
from fleetdash.domain.analytics.run_statistics import ComponentDay, VesselReliability, summed
from fleetdash.domain.analytics.summary import Analytics, BadDay, FailureCount, Totals, VesselPerformance
from fleetdash.domain.analytics.time_buckets import TimeBucket
from fleetdash.domain.schedule import OVERDUE_AFTER, Schedule
from fleetdash.domain.status import ServiceStatus
from fleetdash.queries import run_statistics
from fleetdash.queries.analytics import outages, run_sums
from fleetdash.queries.analytics.covers import by_vessel, cover, parts, vessel_sums
from fleetdash.queries.analytics.covers import read as read_rows
from fleetdash.storage.rollups.days import WEEK_OF_DAY, day_number, week_of
from fleetdash.storage.rows import plain
from fleetdash.storage.schema.models import VesselRecord
from fleetdash.storage.schema.rollups import VERDICT_SUMS

_Sla = dict[str, tuple[int, int, float, float]]


def read(period: Period, plan: Schedule | None, now: datetime) -> Analytics:
    """Everything about the period, and the figures of the one before it."""
    first_day, oldest = run_statistics.first_day(), run_sums.oldest_run()
    known_since = _known_since(first_day, oldest)
    due = _Due(plan, known_since, now)
    pieces, sla, components = run_sums.pieces(period), _sla(period), _components(period)
    parts = run_sums.reliability(period)
    verdicts = _verdicts(sum(day.checks for day in components), sum(day.compliant for day in components), sla)
    totals = _totals(period, pieces, [part.without_reasons() for part in parts], verdicts, due)
    before = _before(period.previous, due)
    # hours only where the runs themselves are still kept
    kept = oldest is not None and (oldest[0] <= period.since or oldest[0].date() == first_day)
    step, time_buckets = _time_buckets(period, pieces, by_hours=kept)
    vessels = _vessels()
    names = {vessel_id: name for vessel_id, name, *_ in vessels}
    performances = _performances(vessels, parts, sla, before)
    starts = rules.heat_columns(period)
    rate = totals.statistics.vessel_success_rate_percent
    # whoever asks for one day wants to know what was the matter, however it compares
    one_day = period.by_days and period.day_count == 1
    looked_at = [period.first] if one_day else cutting.bad_days(run_sums.answered_by_day(period, pieces), rate)
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
        heat=rules.heat_rows(names, order, *heat_cells(period), len(starts)),
        bad_days=tuple(_bad_day(period, day, due, rate) for day in looked_at),
        outages=outages.longest(period, names, now),
    )


def _known_since(first_day: date | None, oldest: tuple[datetime, datetime | None] | None) -> datetime | None:
    """The slot or the start of the first run ever; only its day, once retention has removed it."""
    if first_day is None:
        return None
    if oldest is None or oldest[0].date() != first_day:
        return midnight(first_day)
    return oldest[1] or oldest[0]


class _Due:
    """How many runs were due, as the schedule stands today; unknown without one."""

    def __init__(self, plan: Schedule | None, known_since: datetime | None, now: datetime) -> None:
        self._plan = plan
        self._since = known_since
        self._until = now - OVERDUE_AFTER  # what is due now may still be made in time
        self._under_way = run_sums.slot_under_way()

    def between(self, since: datetime, until: datetime) -> int | None:
        """Slots whose run ought to have ended or be under way."""
        if self._plan is None or self._since is None:
            return None
        since, until = max(since, self._since), min(until, self._until)
        if since >= until:
            return 0
        slots = self._plan.due_between(since, until)
        waiting = self._under_way is not None and since <= self._under_way < until
        return slots - waiting


def _before(period: Period, due: _Due) -> Totals:
    pieces, vessels = run_sums.pieces(period), run_sums.vessels(period)
    ((judged, compliant),) = read_rows(_OF_COMPONENTS, day_number(period.first), day_number(period.last))
    return _totals(period, pieces, vessels, _verdicts(judged, compliant, _sla(period)), due)


class _Verdicts(NamedTuple):
    """Of components, how many and how many met the SLA; of vessels, how many, and the sum of their coverage."""

    checks: int
    compliant: int
    vessels_judged: int
    coverage_percent_sum: float


def _verdicts(judged: int, compliant: int, sla: _Sla) -> _Verdicts:
    """`judged` and `compliant`: of components."""
    return _Verdicts(judged, compliant, sum(row[0] for row in sla.values()), sum(row[3] for row in sla.values()))


_OF_COMPONENTS = (
    "SELECT COALESCE(SUM(judged), 0), COALESCE(SUM(compliant), 0) FROM component_days WHERE day BETWEEN ? AND ?"
)


def _totals(
    period: Period,
    pieces: run_sums.Pieces,
    parts: Sequence[VesselReliability],
    verdicts: _Verdicts,
    due: _Due,
) -> Totals:
    known = verdicts.vessels_judged
    return Totals(
        statistics=run_sums.figures(period, pieces, parts),
        due=due.between(period.since, period.until),
        checks=verdicts.checks,
        compliant=verdicts.compliant,
        coverage_percent=verdicts.coverage_percent_sum / known if known else None,
    )


def _components(period: Period) -> tuple[ComponentDay, ...]:
    return run_statistics.component_days(period.first, period.last)


def _time_buckets(period: Period, pieces: run_sums.Pieces, *, by_hours: bool) -> tuple[Step, tuple[TimeBucket, ...]]:
    step = period.step
    if step is Step.HOUR and period.by_days:
        if by_hours:
            pieces = run_sums.by_run(period)
        else:
            step = Step.DAY
    return step, cutting.time_buckets(period, pieces, step)


def _vessels() -> list[tuple[str, str, str, int | None]]:
    record = VesselRecord
    return [tuple(row) for row in plain(record.select(record.id, record.name, record.status, record.left_at))]


_SLA = by_vessel("vessel_sla_weeks", "vessel_sla_days", VERDICT_SUMS)


def _sla(period: Period) -> _Sla:
    """By vessel: verdicts, those that met the SLA, sums of uptime and coverage; one query."""
    rows = vessel_sums(_SLA, cover(period.first, period.last))
    return {vessel_id: (judged, met, uptime, coverage) for vessel_id, judged, met, uptime, coverage, _ in rows}


_BY_WEEKS = parts(
    "SELECT week, vessel_id, runs, successes FROM vessel_weeks",
    f"SELECT {WEEK_OF_DAY}, vessel_id, runs, successes FROM vessel_days",
)
_BY_DAYS = "SELECT day, vessel_id, runs, successes FROM vessel_days WHERE day BETWEEN ? AND ?"


def heat_cells(period: Period) -> tuple[int, list[tuple[int, str, int, int]]]:
    """The first column's number; then column, vessel, runs and successes, some of them in several rows. One query."""
    first, last = day_number(period.first), day_number(period.last)
    if period.step is Step.WEEK:
        return week_of(first), _BY_WEEKS.rows(cover(period.first, period.last))
    return first, read_rows(_BY_DAYS, first, last)


def _performances(
    vessels: Sequence[tuple[str, str, str, int | None]], parts: Sequence[VesselReliability], sla: _Sla, before: Totals
) -> tuple[VesselPerformance, ...]:
    """Of vessels in the fleet file, and of those that have left it where they took part."""
    by_id = {each.vessel_id: each for each in parts}
    rates = {each.vessel_id: each.success_rate_percent for each in before.statistics.vessels}
    found = [
        _performance(
            vessel_id, name, ServiceStatus(status) if left_at is None else None, by_id.get(vessel_id), rates, sla
        )
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


def _bad_day(period: Period, day: date, due: _Due, rate: float | None) -> BadDay:
    """With its reasons and its hours; five queries."""
    exact = Period.days(day, day)
    if not period.by_days:
        exact = Period(max(exact.since, period.since), min(exact.until, period.until), period.choice)
    sums = summed(piece for _, piece in run_sums.pieces(exact))
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
        hours=cutting.bad_hours(cutting.time_buckets(exact, run_sums.by_run(exact), Step.HOUR), rate),
    )
