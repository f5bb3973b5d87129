"""Metrics for a monitoring system."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from fleetdash.domain.runs import ErrorKind, RunStatus
from fleetdash.domain.status import ServiceStatus, SyncStatus

QUERY_SECONDS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0)
RUN_SECONDS = (5.0, 10.0, 20.0, 30.0, 45.0, 60.0, 90.0, 120.0, 300.0, 600.0)


@dataclass(frozen=True, slots=True)
class Histogram:
    """`counts`: how many were at most as long as each of `bounds`, in seconds; `total` includes the longer ones."""

    bounds: tuple[float, ...]
    counts: tuple[int, ...]
    total: int = 0
    seconds: float = 0.0

    @classmethod
    def empty(cls, bounds: tuple[float, ...]) -> "Histogram":
        return cls(bounds, (0,) * len(bounds))

    def plus(self, other: "Histogram") -> "Histogram":
        counts = tuple(mine + more for mine, more in zip(self.counts, other.counts, strict=True))
        return Histogram(self.bounds, counts, self.total + other.total, self.seconds + other.seconds)


@dataclass(frozen=True, slots=True)
class LogTotals:
    """Sums over the run log, which only grow. `attempts` by error kind, successful ones under `None`."""

    attempts: Mapping[ErrorKind | None, int] = field(default_factory=dict)
    query_seconds: Histogram = field(default_factory=lambda: Histogram.empty(QUERY_SECONDS))
    run_seconds: Histogram = field(default_factory=lambda: Histogram.empty(RUN_SECONDS))


@dataclass(frozen=True, slots=True)
class FleetCounts:
    """The present fleet, without vessels that left."""

    vessels: Mapping[ServiceStatus, int]
    vessels_by_sync_status: Mapping[SyncStatus, int]
    devices: Mapping[SyncStatus, int]
    last_success: Mapping[str, datetime]


@dataclass(frozen=True, slots=True)
class Metrics:
    """All figures from the database."""

    runs: Mapping[RunStatus, int]
    retries: int
    log: LogTotals
    fleet: FleetCounts
