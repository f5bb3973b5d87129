"""What the manager's page, its CSV files and the report say of a period: values, and what follows from them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median

from fleetdash.domain.analytics_period import Period, Step, midnight
from fleetdash.domain.runs import ErrorKind
from fleetdash.domain.statistics import (
    COUNTS,
    ComponentDay,
    LastFailure,
    RunCounts,
    RunStatistics,
    RunSums,
    percent,
    percentile,
    summed,
)
from fleetdash.domain.status import ServiceStatus

USUAL_LOW, USUAL_HIGH = 0.1, 0.9
"""The usual band of durations holds the middle 80 % of the runs."""


@dataclass(frozen=True, slots=True)
class Stretch(RunCounts):
    """The runs that started within one hour, day or week; all zero where there were none: a gap, not a rate of 0 %."""

    since: datetime
    until: datetime
    low_seconds: float | None
    median_seconds: float | None
    high_seconds: float | None
    p95_seconds: float | None
    slowest_seconds: float | None


def stretches(period: Period, pieces: Iterable[tuple[datetime, RunSums]], step: Step) -> tuple[Stretch, ...]:
    """Every hour, day or week of the period, also those without runs; `pieces`: sums and when their runs started."""
    starts = boundaries(period, step)
    width = WIDTHS[step]
    parts: list[list[RunSums]] = [[] for _ in starts]
    for moment, piece in pieces:
        place = int((moment - starts[0]) / width)
        if 0 <= place < len(parts):
            parts[place].append(piece)
    return tuple(
        stretch_of(start, min(start + width, period.until), summed(part))
        for start, part in zip(starts, parts, strict=True)
    )


WIDTHS = {Step.HOUR: timedelta(hours=1), Step.DAY: timedelta(days=1), Step.WEEK: timedelta(days=7)}


def boundaries(period: Period, step: Step) -> list[datetime]:
    """Where each begins; weeks are counted from the period's first day."""
    start = period.since
    if step is Step.HOUR:
        start = start.replace(minute=0, second=0, microsecond=0)
    width = WIDTHS[step]
    return [start + number * width for number in range(-(-(period.until - start) // width))]


def stretch_of(since: datetime, until: datetime, sums: RunSums) -> Stretch:
    """`sums`: as `summed` gives them."""
    durations = sums.durations
    return Stretch(
        since,
        until,
        **{name: getattr(sums, name) for name in COUNTS},
        low_seconds=percentile(durations, USUAL_LOW),
        median_seconds=percentile(durations, 0.5),
        high_seconds=percentile(durations, USUAL_HIGH),
        p95_seconds=percentile(durations, 0.95),
        slowest_seconds=durations[-1] if durations else None,
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """How one vessel did over the period.

    `judged`: runs after which its equipment was known; `compliant`: of these, all its components met the SLA.
    A run counts as trouble when the ship was not reached in it, or its equipment missed the SLA after it.
    """

    vessel_id: str
    name: str
    runs: int
    successes: int
    retry_attempts: int
    failures: dict[ErrorKind, int]
    last_failure: LastFailure | None
    previous_rate_percent: float | None
    judged: int
    compliant: int
    average_uptime_percent: float | None
    average_coverage_percent: float | None
    status: ServiceStatus | None
    """Now; `None` for a vessel that left the fleet file."""

    @property
    def success_rate_percent(self) -> float | None:
        return percent(self.successes, self.runs)

    @property
    def sla_percent(self) -> float | None:
        return percent(self.compliant, self.judged)

    @property
    def missed(self) -> int:
        return self.judged - self.compliant

    @property
    def unreached(self) -> int:
        return self.runs - self.successes

    @property
    def trouble_percent(self) -> float | None:
        """Whichever is known: a ship that is never reached has no verdicts."""
        whole = max(self.runs, self.unreached + self.judged)
        return percent(self.unreached + self.missed, whole)


@dataclass(frozen=True, slots=True)
class Outage:
    """A ship that was not reached, or a device that was confirmed down; `ended_at` `None`: still so.

    `seconds` counts only what lies within the period.
    """

    vessel_id: str
    name: str
    ip_address: str | None
    component: str | None
    began_at: datetime
    ended_at: datetime | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Reason:
    """One kind of failure, how often it came and how many ships it met."""

    kind: ErrorKind
    failures: int
    vessels: int


@dataclass(frozen=True, slots=True)
class BadHours:
    """A stretch of hours in which clearly fewer queries were answered than usual."""

    since: datetime
    until: datetime
    rate_percent: float


@dataclass(frozen=True, slots=True)
class BadDay:
    """A day clearly worse than the period, and why. `due`: slots of the schedule on it, `None` if unknown."""

    day: date
    vessels_asked: int
    vessels_reached: int
    slots_filled: int
    due: int | None
    slow_runs: int
    reasons: tuple[Reason, ...]
    vessels_failed: int
    vessels_total: int
    hours: BadHours | None = None
    """`None` where it was bad all day long, or the runs themselves are no longer kept."""

    @property
    def rate_percent(self) -> float | None:
        return percent(self.vessels_reached, self.vessels_asked)

    @property
    def missing_runs(self) -> int:
        return max(0, (self.due or 0) - self.slots_filled)


@dataclass(frozen=True, slots=True)
class HeatRow:
    """One vessel in the heat map: for each column runs and successes; 0 of 0 is a gap."""

    vessel_id: str
    name: str
    cells: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Totals:
    """The figures of a period; `due` and `slots_filled` count the slots of the schedule."""

    statistics: RunStatistics
    due: int | None
    judged: int
    compliant: int
    coverage_percent: float | None

    @property
    def slots_filled(self) -> int:
        return self.statistics.slots_filled

    @property
    def sla_percent(self) -> float | None:
        return percent(self.compliant, self.judged)

    @property
    def made_percent(self) -> float | None:
        """At most 100: the schedule may have been another one."""
        return None if not self.due else min(100.0, 100 * self.slots_filled / self.due)


@dataclass(frozen=True, slots=True)
class Analytics:
    """All that is said of a period. `standings` come with the most trouble first, `outages` longest first."""

    period: Period
    now: datetime
    known_since: datetime | None
    """Nothing is known of the time before; `None` before the first run ended."""
    totals: Totals
    before: Totals | None
    """The period before it; `None` where nothing is known of it."""
    step: Step
    stretches: tuple[Stretch, ...]
    components: tuple[ComponentDay, ...]
    standings: tuple[Standing, ...]
    heat_starts: tuple[date, ...]
    heat: tuple[HeatRow, ...]
    bad_days: tuple[BadDay, ...]
    outages: tuple[Outage, ...]

    @property
    def empty(self) -> bool:
        return self.totals.statistics.total_runs == 0

    @property
    def visits(self) -> tuple[Standing, ...]:
        """Ships that need a visit: in trouble for a notable part of the period, and clearly more than the others."""
        shares = [share for each in self.standings if (share := each.trouble_percent) is not None]
        least = min(VISIT_ANYWAY, max(VISIT_LEAST, VISIT_TIMES * median(shares))) if shares else VISIT_LEAST
        return tuple(
            each
            for each in self.standings
            if (each.trouble_percent or 0) >= least and each.unreached + each.missed >= VISIT_LEAST_RUNS
        )

    @property
    def missed_sla(self) -> tuple[Standing, ...]:
        """Ships whose equipment missed the SLA at any time, the most often first."""
        missed = [each for each in self.standings if each.missed]
        return tuple(sorted(missed, key=lambda each: (each.sla_percent or 0, each.name.casefold(), each.vessel_id)))


VISIT_LEAST_RUNS = 3
"""Once or twice is no reason to travel."""
VISIT_LEAST, VISIT_TIMES, VISIT_ANYWAY = 2.0, 3.0, 25.0
"""Percent of the period; times the fleet's median; percent that is enough by itself, also where all ships do badly."""


def by_trouble(standing: Standing) -> tuple[float, float, str, str]:
    """The most trouble first, then the lowest rate; a ship of which nothing is known comes last."""
    trouble, rate = standing.trouble_percent, standing.success_rate_percent
    return (
        1.0 if trouble is None else -trouble,
        101.0 if rate is None else rate,
        standing.name.casefold(),
        standing.vessel_id,
    )


BAD_DAY_POINTS = 3.0
MOST_BAD_DAYS = 3


def bad_days(days: Sequence[Stretch], rate_percent: float | None) -> list[Stretch]:
    """At most three, worst first: clearly below the period's own rate of vessel queries."""
    rated = [(rate, day) for day in days if (rate := day.vessel_success_rate_percent) is not None]
    below = [(rate, day) for rate, day in rated if rate_percent is not None and rate < rate_percent - BAD_DAY_POINTS]
    return [day for _, day in sorted(below, key=lambda each: (each[0], each[1].since))[:MOST_BAD_DAYS]]


BAD_HOUR_POINTS = 10.0
MOST_BAD_HOURS = 18
"""More than that is the whole day."""


def bad_hours(hours: Sequence[Stretch], rate_percent: float | None) -> BadHours | None:
    """The longest part of a day in which each hour with runs was clearly below the period's rate."""
    best: list[Stretch] = []
    part: list[Stretch] = []
    for hour in hours:
        rate = hour.vessel_success_rate_percent
        if rate is None:
            continue
        part = [*part, hour] if rate_percent is not None and rate < rate_percent - BAD_HOUR_POINTS else []
        best = max(best, part, key=len)
    if not best or len(best) > MOST_BAD_HOURS:
        return None
    rate = percent(sum(each.vessels_reached for each in best), sum(each.vessels_asked for each in best))
    return BadHours(best[0].since, best[-1].until, rate or 0.0)


def heat_rows(
    names: dict[str, str], order: Sequence[str], cells: Iterable[tuple[str, int, int, int]], columns: int
) -> tuple[HeatRow, ...]:
    """A row a vessel in the given order; `cells`: vessel, column, runs, successes."""
    rows = {vessel_id: [(0, 0)] * columns for vessel_id in order}
    for vessel_id, column, runs, successes in cells:
        if vessel_id in rows:
            rows[vessel_id][column] = (runs, successes)
    return tuple(HeatRow(vessel_id, names.get(vessel_id, vessel_id), tuple(mine)) for vessel_id, mine in rows.items())


def heat_columns(period: Period) -> tuple[list[date], int]:
    """The first day of each column, and how many days a column holds."""
    width = 1 if period.days <= 120 else 7
    return [period.first + timedelta(days=number) for number in range(0, period.days, width)], width


def day_stretches(period: Period, pieces: Iterable[tuple[datetime, RunSums]]) -> tuple[Stretch, ...]:
    """The same runs by UTC days."""
    whole = Period(midnight(period.first), midnight(period.last + timedelta(days=1)))
    return stretches(whole, pieces, Step.DAY)
