"""Which vessels need action, by who can act: someone on board, someone on shore, or nobody yet."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median
from typing import Any

from fleetdash.domain.analytics.run_statistics import percent
from fleetdash.domain.runs import ErrorKind
from fleetdash.domain.status import SyncStatus


class Actor(StrEnum):
    """In the order in which they are listed."""

    BOARD = "board"
    SHORE = "shore"
    LINK = "link"


_LINK_KINDS = frozenset({ErrorKind.TIMEOUT, ErrorKind.CONNECTION})
_SETTINGS_KINDS = frozenset({ErrorKind.AUTHENTICATION, ErrorKind.CONFIGURATION, ErrorKind.TLS})
"""Once fixed they stay so: a vessel that answers again needs nothing more."""
NO_FRESH_DATA = frozenset({SyncStatus.STALE_DATA, SyncStatus.NO_DATA})

LOST_AFTER = timedelta(days=1)
"""A vessel not reached for so long is to be watched, whatever the others do."""
LEAST_RUNS = 3
"""Once or twice is no reason to act."""
LEAST_PERCENT, TIMES_MEDIAN, ALWAYS_PERCENT = 2.0, 3.0, 25.0
"""Percent of the runs; times the fleet's median; percent that suffices by itself, also where all vessels do badly."""


def is_fleet_wide(failed: Any, total: Any) -> Any:
    """Whether so many vessels were not reached in one run that it was not their own doing: over a third, and three.

    Of numbers, or of the columns of a query.
    """
    return (failed >= 3) & (3 * failed > total)


@dataclass(frozen=True, slots=True)
class DownDevice:
    """A device that is confirmed down now, at least `since` then where that `is_bound`."""

    ip_address: str
    component: str
    since: datetime
    is_bound: bool


@dataclass(frozen=True, slots=True)
class CurrentState:
    """A vessel as it is now, whatever the period."""

    sync_status: SyncStatus
    devices_total: int = 0
    devices_down: tuple[DownDevice, ...] = ()
    failing: ErrorKind | None = None
    """Why its newest ended chain failed; `None` where it did not."""
    failing_since: datetime | None = None

    def down_seconds(self, now: datetime) -> float:
        """Summed over the devices that are down."""
        return sum((now - device.since).total_seconds() for device in self.devices_down)


@dataclass(frozen=True, slots=True)
class OwnRuns:
    """How one vessel did over the period, without the runs in which over a third of the fleet failed."""

    runs: int = 0
    failures: Mapping[ErrorKind, int] = field(default_factory=dict)

    @property
    def unreached(self) -> int:
        return sum(self.failures.values())

    @property
    def unreached_percent(self) -> float | None:
        return percent(self.unreached, self.runs)

    @property
    def main_kind(self) -> ErrorKind | None:
        return main_kind(self.failures)

    def without(self, other: "OwnRuns") -> "OwnRuns":
        left = {kind: count - other.failures.get(kind, 0) for kind, count in self.failures.items()}
        return OwnRuns(max(0, self.runs - other.runs), {kind: count for kind, count in left.items() if count > 0})


def main_kind(failures: Mapping[ErrorKind, int]) -> ErrorKind | None:
    """The reason for most of them."""
    return max(failures, key=lambda kind: (failures[kind], kind), default=None)


def least_percent(vessels: Iterable[OwnRuns]) -> float:
    """From here on a vessel's share of unreached runs is clearly more than the others'."""
    shares = [share for each in vessels if (share := each.unreached_percent) is not None]
    return min(ALWAYS_PERCENT, max(LEAST_PERCENT, TIMES_MEDIAN * median(shares))) if shares else LEAST_PERCENT


def actor_for(state: CurrentState, own: OwnRuns, least: float, now: datetime) -> Actor | None:
    """Who can act; `None` where nothing needs to be done. `least`: `least_percent` of the fleet."""
    stands_out = own.unreached >= LEAST_RUNS and (own.unreached_percent or 0) >= least
    if state.devices_down:
        return Actor.BOARD
    if state.failing is not None and state.failing not in _LINK_KINDS:
        return Actor.SHORE
    if state.failing is not None and (state.failing_since is None or now - state.failing_since >= LOST_AFTER):
        return Actor.LINK
    if state.sync_status in NO_FRESH_DATA:
        return Actor.SHORE
    if not stands_out or own.main_kind in _SETTINGS_KINDS:
        return None
    return Actor.LINK if own.main_kind in _LINK_KINDS else Actor.SHORE
