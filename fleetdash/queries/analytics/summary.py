"""The figures of a period, in one consistent read, for the page, its CSV files and the report.

The number of queries does not grow with the period. Days come from the rollups; only periods of up to eight days are
read run by run, so that a year costs its days, however many runs they had.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from fleetdash.domain.analytics import bad_times as rules
from fleetdash.domain.analytics import time_buckets as cutting
from fleetdash.domain.analytics.bad_times import BadTime, FailureCount
from fleetdash.domain.analytics.period import DAY, Period, Step, midnight
from fleetdash.domain.analytics.run_statistics import ComponentDay, VesselReliability, summed
from fleetdash.domain.analytics.summary import Analytics, Totals
from fleetdash.domain.analytics.time_buckets import TimeBucket, reached_percent
from fleetdash.domain.schedule import DueRuns, Schedule
from fleetdash.queries import run_statistics
from fleetdash.queries.analytics import outages, performances, run_sums
from fleetdash.queries.analytics.heat_map import heat_map


def read(period: Period, schedule: Schedule | None, now: datetime) -> Analytics:
    """The figures of the period, and of the one before it."""
    first_day, oldest = run_statistics.first_day(), run_sums.oldest_run()
    known_since = _known_since(first_day, oldest)
    due = DueRuns(schedule, known_since, now, run_sums.slot_under_way())
    sums, sla, components = run_sums.timed_sums(period), performances.sla(period), _components(period)
    parts = run_sums.reliability(period)
    verdicts = _verdicts(components, sla)
    totals = _totals(period, sums, [part.without_reasons() for part in parts], verdicts, due)
    before = _before(period, totals, due)
    # hours only where the runs themselves are still kept
    kept = oldest is not None and (oldest[0] <= period.since or oldest[0].date() == first_day)
    step, time_buckets = _time_buckets(period, sums, by_hours=kept)
    names = performances.names()
    vessels = performances.read(period, parts, sla, before)
    order = [each.vessel_id for each in vessels if each.runs]
    return Analytics(
        period=period,
        now=now,
        known_since=known_since,
        totals=totals,
        before=before,
        step=step,
        time_buckets=time_buckets,
        components=components,
        vessels=vessels,
        heat_map=heat_map(period, names, order, known_since),
        bad_times=_bad_times(period, step, time_buckets, sums, due),
        outages=outages.longest(period, names, now),
    )


def _known_since(first_day: date | None, oldest: tuple[datetime, datetime | None] | None) -> datetime | None:
    """The slot or the start of the first run; only its day, once retention has removed the run."""
    if first_day is None:
        return None
    if oldest is None or oldest[0].date() != first_day:
        return midnight(first_day)
    return oldest[1] or oldest[0]


def _before(period: Period, totals: Totals, due: DueRuns) -> Totals | None:
    """The period before, where it was watched as well as this one."""
    previous = period.previous
    sums, vessels = run_sums.timed_sums(previous), run_sums.vessels(previous)
    before = _totals(previous, sums, vessels, _verdicts(_components(previous), performances.sla(previous)), due)
    both = ((period, totals), (previous, before))
    watched = all(each.was_watched(due.of_all(part.since, part.until)) for part, each in both)
    return before if before.statistics.total_runs and watched else None


class _Verdicts(NamedTuple):
    """Checks of components, and how many met the SLA; checks of vessels, and the sum of their coverage."""

    checks: int
    compliant: int
    vessels_judged: int
    coverage_percent_sum: float


def _verdicts(components: Sequence[ComponentDay], sla: performances.Sla) -> _Verdicts:
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


def _bad_times(
    period: Period, step: Step, buckets: Sequence[TimeBucket], sums: run_sums.TimedSums, due: DueRuns
) -> tuple[BadTime, ...]:
    """Hours of a short period while its runs are kept; else days."""
    if period.is_short and step is Step.HOUR:
        spans = rules.spans_to_explain(buckets)
        if spans or period.day_count > 1:
            return tuple(_bad_time(_part(period, span.since, span.until), due, None) for span in spans)
    answered = run_sums.answered_by_day(period, sums)
    rate = reached_percent(buckets)
    days = rules.days_to_explain(period, answered, rate)
    return tuple(_bad_time(_part(period, midnight(day), midnight(day) + DAY), due, rate) for day in days)


def _part(period: Period, since: datetime, until: datetime) -> Period:
    """What of it lies in the period; whole days where these are counted."""
    if period.by_days and until - since == DAY:
        return Period(since, until)
    return Period.exactly(max(since, period.since), min(until, period.until))


def _bad_time(part: Period, due: DueRuns, rate: float | None) -> BadTime:
    """With the reasons for its failures; of a day, also its worst hours, measured by `rate`; five queries."""
    sums = summed(piece for _, piece in run_sums.timed_sums(part))
    vessels = run_sums.reliability(part)
    kinds = {kind for vessel in vessels for kind in vessel.failures}
    reasons = [
        FailureCount(
            kind,
            sum(vessel.failures.get(kind, 0) for vessel in vessels),
            sum(kind in vessel.failures for vessel in vessels),
        )
        for kind in kinds
    ]
    hours = cutting.time_buckets(part, run_sums.sums_by_run(part), Step.HOUR) if rate is not None else ()
    return BadTime(
        since=part.since,
        until=part.until,
        vessels_asked=sums.vessels_asked,
        vessels_reached=sums.vessels_reached,
        slots_filled=sums.slots_filled,
        due=due.between(part.since, part.until),
        slow_runs=sums.slow_runs,
        reasons=tuple(sorted(reasons, key=lambda reason: (-reason.failures, reason.kind))),
        vessels_failed=sum(bool(vessel.failures) for vessel in vessels),
        vessels_total=len(vessels),
        hours=rules.bad_hours(hours, rate),
    )
