"""A period cut into hours, days or weeks: the runs of each."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from fleetdash.domain.analytics.period import Period, Step, midnight, monday_of
from fleetdash.domain.analytics.run_statistics import COUNTS, RunCounts, RunSums, percent, percentile, summed

USUAL_LOW, USUAL_HIGH = 0.1, 0.9
"""The usual band of durations holds the middle 80 % of the runs."""


@dataclass(frozen=True, slots=True)
class TimeBucket(RunCounts):
    """The runs that started within one hour, day or week; all zero where there were none: a gap, not a rate of 0 %."""

    since: datetime
    until: datetime
    low_seconds: float | None
    median_seconds: float | None
    high_seconds: float | None
    p95_seconds: float | None
    slowest_seconds: float | None


def time_buckets(period: Period, pieces: Iterable[tuple[datetime, RunSums]], step: Step) -> tuple[TimeBucket, ...]:
    """Every hour, day or week of the period, also those without runs; `pieces`: sums and when their runs started."""
    starts = boundaries(period, step)
    parts: list[list[RunSums]] = [[] for _ in starts]
    for moment, piece in pieces:
        if starts[0] <= moment < period.until:
            parts[bisect_right(starts, moment) - 1].append(piece)
    ends = [*starts[1:], period.until]
    return tuple(bucket_of(start, end, summed(part)) for start, end, part in zip(starts, ends, parts, strict=True))


HOUR = timedelta(hours=1)
WIDTHS = {Step.HOUR: HOUR, Step.DAY: timedelta(days=1), Step.WEEK: timedelta(days=7)}


def boundaries(period: Period, step: Step) -> list[datetime]:
    """Where each begins. Weeks begin on Mondays; the first and the last are cut to the period."""
    start = period.since
    if step is Step.HOUR:
        start = start.replace(minute=0, second=0, microsecond=0)
    if step is Step.WEEK:
        start = midnight(monday_of(period.first))
    width = WIDTHS[step]
    starts = [start + number * width for number in range(-(-(period.until - start) // width))]
    return [period.since, *starts[1:]] if step is Step.WEEK else starts


def bucket_of(since: datetime, until: datetime, sums: RunSums) -> TimeBucket:
    """`sums`: as `summed` gives them."""
    durations = sums.durations
    return TimeBucket(
        since,
        until,
        **{name: getattr(sums, name) for name in COUNTS},
        low_seconds=percentile(durations, USUAL_LOW),
        median_seconds=percentile(durations, 0.5),
        high_seconds=percentile(durations, USUAL_HIGH),
        p95_seconds=percentile(durations, 0.95),
        slowest_seconds=durations[-1] if durations else None,
    )


def reached_percent(buckets: Iterable[TimeBucket]) -> float | None:
    """Over all of their checks."""
    buckets = tuple(buckets)
    return percent(sum(each.vessels_reached for each in buckets), sum(each.vessels_asked for each in buckets))
