"""The figures of a period, for the manager's page, its CSV files and the report, and what follows from them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median

from fleetdash.domain.analytics.period import Period, Step, monday_of
from fleetdash.domain.analytics.run_statistics import ComponentDay, LastFailure, RunStatistics, percent
from fleetdash.domain.analytics.time_buckets import BadHours, TimeBucket
from fleetdash.domain.runs import ErrorKind
from fleetdash.domain.status import ServiceStatus


@dataclass(frozen=True, slots=True)
class VesselPerformance:
    """How one vessel did over the period.

    `checks`: runs after which its equipment was known; `compliant`: of these, all its components met the SLA.
    A run counts as trouble when the vessel was not reached in it, or its equipment missed the SLA after it.
    """

    vessel_id: str
    name: str
    runs: int
    successes: int
    retry_attempts: int
    failures: dict[ErrorKind, int]
    last_failure: LastFailure | None
    previous_rate_percent: float | None
    checks: int
    compliant: int
    average_uptime_percent: float | None
    average_coverage_percent: float | None
    status: ServiceStatus | None
    """Current; `None` for a vessel that left the fleet file."""

    @property
    def success_rate_percent(self) -> float | None:
        return percent(self.successes, self.runs)

    @property
    def sla_percent(self) -> float | None:
        return percent(self.compliant, self.checks)

    @property
    def missed(self) -> int:
        return self.checks - self.compliant

    @property
    def unreached(self) -> int:
        return self.runs - self.successes

    @property
    def missed_percent(self) -> float | None:
        return percent(self.missed, self.checks)

    @property
    def unreached_percent(self) -> float | None:
        return percent(self.unreached, self.runs)

    @property
    def trouble_percent(self) -> float | None:
        """Of the runs or checks, whichever are more: a vessel that is never reached has no checks."""
        whole = max(self.runs, self.unreached + self.checks)
        return percent(self.unreached + self.missed, whole)


@dataclass(frozen=True, slots=True)
class Outage:
    """A vessel that was not reached, or a device that was confirmed down; `ended_at` `None`: not over yet.

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
class FailureCount:
    """One kind of failure: how often it occurred, and on how many vessels."""

    kind: ErrorKind
    failures: int
    vessels: int


def missed_runs(due: int | None, slots_filled: int) -> int:
    """Of the schedule's slots those without a run; none where what was due is unknown."""
    return max(0, (due or 0) - slots_filled)


@dataclass(frozen=True, slots=True)
class BadDay:
    """A day clearly worse than the period, and why. `due`: slots of the schedule on it, `None` if unknown."""

    day: date
    vessels_asked: int
    vessels_reached: int
    slots_filled: int
    due: int | None
    slow_runs: int
    reasons: tuple[FailureCount, ...]
    vessels_failed: int
    vessels_total: int
    hours: BadHours | None = None
    """`None` where the whole day was bad, or its runs are no longer kept."""

    @property
    def rate_percent(self) -> float | None:
        return percent(self.vessels_reached, self.vessels_asked)

    @property
    def missed_runs(self) -> int:
        return missed_runs(self.due, self.slots_filled)


@dataclass(frozen=True, slots=True)
class HeatRow:
    """One vessel in the heat map: runs and successes per column; 0 of 0 is a gap."""

    vessel_id: str
    name: str
    cells: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Totals:
    """The figures of a period; `due` and `slots_filled` count the slots of the schedule."""

    statistics: RunStatistics
    due: int | None
    checks: int
    compliant: int
    coverage_percent: float | None

    @property
    def slots_filled(self) -> int:
        return self.statistics.slots_filled

    @property
    def sla_percent(self) -> float | None:
        return percent(self.compliant, self.checks)

    @property
    def missed_runs(self) -> int:
        return missed_runs(self.due, self.slots_filled)

    @property
    def runs_made_percent(self) -> float | None:
        """At most 100: the schedule may have been another one."""
        return None if not self.due else min(100.0, 100 * self.slots_filled / self.due)


@dataclass(frozen=True, slots=True)
class Analytics:
    """A period. `vessels`: most trouble first; `outages`: longest first."""

    period: Period
    now: datetime
    known_since: datetime | None
    """There is no data from before; `None` before the first run ended."""
    totals: Totals
    before: Totals | None
    """The period before it; `None` where it has no runs."""
    step: Step
    time_buckets: tuple[TimeBucket, ...]
    components: tuple[ComponentDay, ...]
    vessels: tuple[VesselPerformance, ...]
    heat_starts: tuple[date, ...]
    """The first day of each column. Weeks are whole, and only their days within the period are counted."""
    heat: tuple[HeatRow, ...]
    bad_days: tuple[BadDay, ...]
    outages: tuple[Outage, ...]

    @property
    def heat_days(self) -> int:
        """Per column of the heat map."""
        return 7 if self.period.step is Step.WEEK else 1

    @property
    def heat_gaps(self) -> tuple[date, ...]:
        """The columns without a run since history began."""
        known = self.known_since.date() if self.known_since else self.period.last + timedelta(days=1)
        return tuple(
            start
            for place, start in enumerate(self.heat_starts)
            if start >= known and not any(row.cells[place][0] for row in self.heat)
        )

    @property
    def empty(self) -> bool:
        return self.totals.statistics.total_runs == 0

    @property
    def visits(self) -> tuple[VesselPerformance, ...]:
        """Vessels that need action: in trouble for a notable part of the period, and clearly more than the others."""
        shares = [share for each in self.vessels if (share := each.trouble_percent) is not None]
        least = min(VISIT_ABSOLUTE_PERCENT, max(VISIT_LEAST, VISIT_TIMES * median(shares))) if shares else VISIT_LEAST
        return tuple(
            each
            for each in self.vessels
            if (each.trouble_percent or 0) >= least and each.unreached + each.missed >= VISIT_LEAST_RUNS
        )

    @property
    def missed_sla(self) -> tuple[VesselPerformance, ...]:
        """Vessels whose equipment missed the SLA at any time, most often first."""
        missed = [each for each in self.vessels if each.missed]
        return tuple(sorted(missed, key=lambda each: (each.sla_percent or 0, each.name.casefold(), each.vessel_id)))


VISIT_LEAST_RUNS = 3
"""Once or twice is no reason to act."""
VISIT_LEAST, VISIT_TIMES, VISIT_ABSOLUTE_PERCENT = 2.0, 3.0, 25.0
"""Percent of the period; times the fleet's median; percent that suffices by itself, also where all vessels do badly."""


def by_trouble(vessel: VesselPerformance) -> tuple[float, float, str, str]:
    """The most trouble first, then the lowest rate; an unknown vessel comes last."""
    trouble, rate = vessel.trouble_percent, vessel.success_rate_percent
    return (
        1.0 if trouble is None else -trouble,
        101.0 if rate is None else rate,
        vessel.name.casefold(),
        vessel.vessel_id,
    )


def heat_rows(
    names: dict[str, str], order: Sequence[str], cells: Iterable[tuple[int, str, int, int]], columns: int
) -> tuple[HeatRow, ...]:
    """A row per vessel in the given order; `cells`: column, vessel, and the runs and successes to add there."""
    rows = {vessel_id: [(0, 0)] * columns for vessel_id in order}
    for column, vessel_id, runs, successes in cells:
        if (row := rows.get(vessel_id)) is not None:
            known = row[column]
            row[column] = (known[0] + runs, known[1] + successes)
    return tuple(HeatRow(vessel_id, names.get(vessel_id, vessel_id), tuple(mine)) for vessel_id, mine in rows.items())


def heat_columns(period: Period) -> tuple[date, ...]:
    """The first day of each column: of every day, or of every week that the period touches."""
    first, width = (monday_of(period.first), 7) if period.step is Step.WEEK else (period.first, 1)
    return tuple(first + timedelta(days=number) for number in range(0, (period.last - first).days + 1, width))
