"""Figures over days of runs, and their rules.

A run counts on the UTC day it started on. Finished runs (completed, partial, failed) have durations to compare; an
interrupted one counts as a run, and not as a completed one. A vessel counts in a run when it was reached or failed to
the end; one that was not asked, or whose chain was cancelled, is not counted. A success on a retry is a success.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from itertools import chain
from math import ceil, floor

from fleetdash.domain.runs import ErrorKind


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCounts:
    """Sums over runs; all zero where there were none. Times are seconds, of retries as in `RetryTime`."""

    completed_runs: int = 0
    partial_runs: int = 0
    failed_runs: int = 0
    interrupted_runs: int = 0
    slow_runs: int = 0
    slots_filled: int = 0
    vessels_asked: int = 0
    vessels_reached: int = 0
    retry_attempts: int = 0
    retry_seconds: float = 0.0
    retry_wait_seconds: float = 0.0
    retry_query_seconds: float = 0.0

    @property
    def total_runs(self) -> int:
        return self.completed_runs + self.partial_runs + self.failed_runs + self.interrupted_runs

    @property
    def success_rate_percent(self) -> float | None:
        """Runs that reached every vessel; without runs there is no rate."""
        return percent(self.completed_runs, self.total_runs)

    @property
    def vessel_success_rate_percent(self) -> float | None:
        return percent(self.vessels_reached, self.vessels_asked)


COUNTS = tuple(each.name for each in fields(RunCounts))


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSums(RunCounts):
    """Any number of runs; `durations` are the seconds of those that finished."""

    durations: Sequence[float] = ()


def summed(pieces: Iterable[RunSums]) -> RunSums:
    """All of them together, their durations sorted; those of each piece are."""
    pieces = tuple(pieces)
    if len(pieces) == 1:
        return pieces[0]
    counts = {name: sum(getattr(piece, name) for piece in pieces) for name in COUNTS}
    # sorting what is sorted piece by piece is merging
    return RunSums(**counts, durations=sorted(chain.from_iterable(piece.durations for piece in pieces)))


@dataclass(frozen=True, slots=True)
class RunDay(RunCounts):
    """The runs of one UTC day."""

    day: date
    timed_runs: int = 0
    duration_seconds: float = 0.0
    median_duration_seconds: float | None = None
    p95_duration_seconds: float | None = None

    @property
    def average_duration_seconds(self) -> float | None:
        return self.duration_seconds / self.timed_runs if self.timed_runs else None


@dataclass(frozen=True, slots=True)
class VesselDay:
    """One vessel in the runs of one UTC day."""

    vessel_id: str
    day: date
    runs: int
    successes: int
    retry_attempts: int

    @property
    def success_rate_percent(self) -> float | None:
        return percent(self.successes, self.runs)


@dataclass(frozen=True, slots=True)
class LastFailure:
    """Why a vessel was last not reached."""

    kind: ErrorKind
    message: str
    at: datetime


@dataclass(frozen=True, slots=True)
class VesselReliability:
    """How a vessel did over a period."""

    vessel_id: str
    runs: int
    successes: int
    retry_attempts: int
    failures: dict[ErrorKind, int] = field(default_factory=dict)
    """Failed chains by the last attempt's reason; empty where reasons were not requested."""
    last_failure: LastFailure | None = None

    @property
    def success_rate_percent(self) -> float | None:
        return percent(self.successes, self.runs)

    def without_reasons(self) -> "VesselReliability":
        return VesselReliability(self.vessel_id, self.runs, self.successes, self.retry_attempts)


@dataclass(frozen=True, slots=True)
class ComponentDay:
    """A component on one UTC day: `checks`, one per vessel and run, of which `compliant` met the SLA."""

    component: str
    day: date
    checks: int
    compliant: int
    average_uptime_percent: float | None

    @property
    def sla_compliance_percent(self) -> float | None:
        return percent(self.compliant, self.checks)


def compliance_percent(days: Iterable[ComponentDay]) -> float | None:
    """Over all of their checks."""
    days = tuple(days)
    return percent(sum(day.compliant for day in days), sum(day.checks for day in days))


def by_component(days: Iterable[ComponentDay]) -> dict[str, list[ComponentDay]]:
    """Those with checks, by name; the component that met the SLA least comes first."""
    found: dict[str, list[ComponentDay]] = {}
    for day in days:
        if day.checks:
            found.setdefault(day.component, []).append(day)
    return dict(sorted(found.items(), key=lambda item: (compliance_percent(item[1]), item[0])))


@dataclass(frozen=True, slots=True)
class RunStatistics(RunCounts):
    """Figures over a period that touches the UTC days `first_day` to `last_day`; vessels worst first."""

    first_day: date
    last_day: date
    average_duration_seconds: float | None
    median_duration_seconds: float | None
    p95_duration_seconds: float | None
    vessels: tuple[VesselReliability, ...]

    @property
    def average_retry_attempts(self) -> float | None:
        """Per run."""
        return self.retry_attempts / self.total_runs if self.total_runs else None


def statistics_of(
    first_day: date, last_day: date, sums: RunSums, vessels: Iterable[VesselReliability]
) -> RunStatistics:
    """The figures that follow from `summed` runs."""
    durations = sums.durations
    return RunStatistics(
        first_day=first_day,
        last_day=last_day,
        **{name: getattr(sums, name) for name in COUNTS},
        average_duration_seconds=sum(durations) / len(durations) if durations else None,
        median_duration_seconds=percentile(durations, 0.5),
        p95_duration_seconds=percentile(durations, 0.95),
        vessels=tuple(sorted(vessels, key=reliability_order)),
    )


def percent(part: int, whole: int) -> float | None:
    """Nothing of nothing is unknown, not 0 %."""
    return 100 * part / whole if whole else None


def reliability_order(vessel: VesselReliability) -> tuple[float, int, str]:
    """Worst first: the lowest rate, then the most retries; a vessel without a rate comes last."""
    rate = vessel.success_rate_percent
    return (101.0 if rate is None else rate, -vessel.retry_attempts, vessel.vessel_id)


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """Of sorted values, interpolated between the two nearest; `share` 0.5 is the median."""
    if not ordered:
        return None
    place = share * (len(ordered) - 1)
    below, above = ordered[floor(place)], ordered[ceil(place)]
    return below + (above - below) * (place - floor(place))
