"""What a ship's database says of its devices, by the hour."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from operator import attrgetter

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class HourCell:
    """The pings of one device in one UTC hour: how many were due, recorded, and answered."""

    start: datetime
    expected: int
    recorded: int
    answered: int


# as summing over these goes four times as fast as over a generator, and every answer does it for every device
_EXPECTED, _RECORDED, _ANSWERED = map(attrgetter, ("expected", "recorded", "answered"))


@dataclass(frozen=True, slots=True)
class PingSummary:
    """What one ship knows of one device at `observed_at`; times are UTC, `None` means never.

    `first_unanswered_at` is the first ping after the last answered one, asked only of devices that are down.
    """

    ip_address: str
    hours: tuple[HourCell, ...]
    average_response_ms: float | None
    last_ping_at: datetime | None
    last_success_at: datetime | None
    first_unanswered_at: datetime | None = None

    @property
    def down(self) -> bool:
        """Whether the newest ping went unanswered."""
        return self.last_ping_at is not None and self.last_ping_at != self.last_success_at


@dataclass(frozen=True, slots=True)
class ShipAnswer:
    """One good answer. All times are on shore's clock: the ship's skew is taken off already.

    `clock_skew_seconds` is what the ship's clock is ahead by; 0 when within the tolerance.
    """

    observed_at: datetime
    pings: tuple[PingSummary, ...]
    clock_skew_seconds: int = 0


def answered(result_code: float, percent_packet_loss: float | None) -> bool:
    """R4: a ping is answered when its result code is 0 and its loss is present and below 100.

    Telegraf leaves loss out on some errors, writes code 0 for a dead host in native mode,
    and reports negative loss for duplicated replies.
    """
    return result_code == 0 and percent_packet_loss is not None and percent_packet_loss < 100


def floor_hour(moment: datetime) -> datetime:
    """The start of the UTC hour that `moment` lies in."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def pings_due(start: datetime, end: datetime, interval: timedelta) -> int:
    """How many multiples of `interval` lie in [start, end); sums exactly over adjoining spans."""
    step = int(interval.total_seconds())
    return max(0, -(-int(end.timestamp()) // step) - -(-int(start.timestamp()) // step))


def hour_starts(window_start: datetime, window_hours: int) -> list[datetime]:
    """The UTC hours that a window touches: one more than its length, the first and last partial."""
    first = floor_hour(window_start)
    return [first + i * HOUR for i in range(window_hours + 1)]


class WindowHours:
    """The UTC hours that a window touches, each with its own expectation; they are the same for all of its devices."""

    def __init__(self, window_start: datetime, window_end: datetime, interval: timedelta) -> None:
        self.starts = hour_starts(window_start, round((window_end - window_start) / HOUR))
        bounds = [window_start, *self.starts[1:], window_end]
        self._expected = [pings_due(start, end, interval) for start, end in pairwise(bounds)]
        # most devices have the same cells: making each but once halves what reading an answer costs
        self._cell = cache(HourCell)

    def cells(self, recorded: Iterable[int], answered: Iterable[int]) -> tuple[HourCell, ...]:
        """A device's cells from its counts by the hour."""
        return tuple(map(self._cell, self.starts, self._expected, recorded, answered))


def hour_cells(
    window_start: datetime, window_end: datetime, interval: timedelta, counts: Mapping[datetime, tuple[int, int]]
) -> tuple[HourCell, ...]:
    """One device's cells; `counts` is hour -> (recorded, answered)."""
    hours = WindowHours(window_start, window_end, interval)
    recorded, answered = zip(*(counts.get(start, (0, 0)) for start in hours.starts), strict=True)
    return hours.cells(recorded, answered)


def ping_count(hours: Sequence[HourCell]) -> int:
    """Pings recorded in the window."""
    return sum(map(_RECORDED, hours))


def successful_pings(hours: Sequence[HourCell]) -> int:
    """Pings answered in the window."""
    return sum(map(_ANSWERED, hours))


def uptime_percent(hours: Sequence[HourCell]) -> float | None:
    """Answered / recorded pings; no pings means no uptime, never 0 %."""
    recorded = ping_count(hours)
    return 100 * successful_pings(hours) / recorded if recorded else None


def coverage_percent(hours: Sequence[HourCell]) -> float | None:
    """Recorded / expected pings, at most 100 %; `None` before the ship was ever asked."""
    expected = sum(map(_EXPECTED, hours))
    return min(100.0, 100 * ping_count(hours) / expected) if expected else None


@dataclass(frozen=True, slots=True)
class DownDevice:
    """A device that was down when last seen; `last_success_at` is its last answered ping, if ever."""

    ip_address: str
    last_success_at: datetime | None


@dataclass(frozen=True, slots=True)
class ShipMemory:
    """What the next request to a ship starts from: its clock's skew, and whose outage is to be dated."""

    clock_skew_seconds: int = 0
    down: tuple[DownDevice, ...] = ()
