"""Which days and hours of a period were bad, and why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from statistics import median

from fleetdash.domain.analytics.period import Period
from fleetdash.domain.analytics.run_statistics import percent
from fleetdash.domain.analytics.time_buckets import TimeBucket, reached_percent
from fleetdash.domain.runs import ErrorKind


@dataclass(frozen=True, slots=True)
class BadHours:
    """Consecutive hours in which clearly fewer checks reached the vessel than usual."""

    since: datetime
    until: datetime
    rate_percent: float
    hours: int = 1
    """With runs."""


@dataclass(frozen=True, slots=True)
class FailureCount:
    """One kind of failure: how often it occurred, and on how many vessels."""

    kind: ErrorKind
    failures: int
    vessels: int


def missed_runs(due: int | None, slots_filled: int) -> int:
    """Of the schedule's slots those without a run; none where what was due is unknown."""
    return max(0, (due or 0) - slots_filled)


@dataclass(frozen=True, slots=True)
class BadTime:
    """A day, or hours of a short period, clearly worse than the period, and why.

    `due`: slots of the schedule in it, `None` if unknown.
    """

    since: datetime
    until: datetime
    vessels_asked: int
    vessels_reached: int
    slots_filled: int
    due: int | None
    slow_runs: int
    reasons: tuple[FailureCount, ...]
    vessels_failed: int
    vessels_total: int
    hours: BadHours | None = None
    """Of a day. `None` where all of it was bad, or its runs are no longer kept."""

    @property
    def day(self) -> date:
        """The one on which it began."""
        return self.since.date()

    @property
    def rate_percent(self) -> float | None:
        return percent(self.vessels_reached, self.vessels_asked)

    @property
    def missed_runs(self) -> int:
        return missed_runs(self.due, self.slots_filled)


BAD_DAY_POINTS = 3.0
MOST_BAD_DAYS = 3


def days_to_explain(
    period: Period, days: Iterable[tuple[date, int, int]], rate_percent: float | None
) -> Sequence[date]:
    """At most three, worst first: clearly below the period's own rate. A period of one day is that day.

    `days`: each with the vessels asked and reached in all of its runs.
    """
    if period.by_days and period.day_count == 1:
        return [period.first]
    rated = [(rate, day) for day, asked, reached in days if (rate := percent(reached, asked)) is not None]
    below = [each for each in rated if rate_percent is not None and each[0] < rate_percent - BAD_DAY_POINTS]
    return [day for _, day in sorted(below)[:MOST_BAD_DAYS]]


BAD_HOUR_POINTS = 5.0
MOST_BAD_SPANS = 5
MOST_HOURS_OF_A_DAY = 18
"""More hours are called the whole day."""


def bad_spans(hours: Sequence[TimeBucket], rate_percent: float | None) -> list[BadHours]:
    """All parts in which each hour with runs was clearly below `rate_percent`, in order."""
    parts: list[list[TimeBucket]] = [[]]
    for hour in hours:
        rate = hour.vessel_success_rate_percent
        if rate is not None and rate_percent is not None and rate < rate_percent - BAD_HOUR_POINTS:
            parts[-1].append(hour)
        elif rate is not None:
            parts.append([])
    return [BadHours(part[0].since, part[-1].until, reached_percent(part) or 0.0, len(part)) for part in parts if part]


def bad_hours(hours: Sequence[TimeBucket], rate_percent: float | None) -> BadHours | None:
    """The longest part of a day that was clearly below the period's rate."""
    longest = max(bad_spans(hours, rate_percent), key=lambda span: span.hours, default=None)
    return longest if longest and longest.hours <= MOST_HOURS_OF_A_DAY else None


def spans_to_explain(hours: Sequence[TimeBucket]) -> list[BadHours]:
    """The bad hours of a short period, at most five spans, in order.

    They are measured by the middle hour, since few hours with many failures pull the period's own rate down.
    """
    rates = [rate for hour in hours if (rate := hour.vessel_success_rate_percent) is not None]
    spans = bad_spans(hours, median(rates)) if rates else []
    worst = sorted(spans, key=lambda span: -span.hours * (100 - span.rate_percent))[:MOST_BAD_SPANS]
    return sorted(worst, key=lambda span: span.since)
