"""A vessel's answer: the pings of its devices, by hour."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import overload

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class HourCell:
    """One device's pings in one UTC hour: expected, recorded and answered."""

    start: datetime
    expected: int
    recorded: int
    answered: int


@dataclass(frozen=True, slots=True)
class PingHours(Sequence[HourCell]):
    """One device's pings by UTC hour, oldest first, without gaps; `first` is the start of the first hour.

    Stored as columns, since a run sums and stores the hours of every device, and few are ever read one by one.
    """

    first: datetime
    expected: tuple[int, ...]
    recorded: tuple[int, ...]
    answered: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.expected)

    def __iter__(self) -> Iterator[HourCell]:
        starts = (self.first + number * HOUR for number in range(len(self)))
        return map(HourCell, starts, self.expected, self.recorded, self.answered)

    @overload
    def __getitem__(self, index: int) -> HourCell: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[HourCell, ...]: ...

    def __getitem__(self, index: int | slice) -> HourCell | tuple[HourCell, ...]:
        return tuple(self)[index]


NO_HOURS = PingHours(datetime(1970, 1, 1, tzinfo=UTC), (), (), ())
"""Those of a device whose vessel never answered."""


@dataclass(frozen=True, slots=True)
class PingSummary:
    """What one vessel knows of one device at `observed_at`; times are UTC, `None` means never.

    `first_unanswered_at` is the first ping after the last answered one, asked only of devices that are down.
    """

    ip_address: str
    hours: PingHours
    average_response_ms: float | None
    last_ping_at: datetime | None
    last_success_at: datetime | None
    first_unanswered_at: datetime | None = None

    @property
    def down(self) -> bool:
        """Whether the newest ping went unanswered."""
        return self.last_ping_at is not None and self.last_ping_at != self.last_success_at


@dataclass(frozen=True, slots=True)
class VesselAnswer:
    """A valid answer. All times are on the shore's clock: the vessel's skew is already subtracted.

    `clock_skew_seconds` is what the vessel's clock is ahead by; 0 when within the tolerance.
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
    """The start of the UTC hour of `moment`."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def pings_due(start: datetime, end: datetime, interval: timedelta) -> int:
    """The number of multiples of `interval` in [start, end); adjoining spans add up exactly."""
    step = int(interval.total_seconds())
    return max(0, -(-int(end.timestamp()) // step) - -(-int(start.timestamp()) // step))


class WindowHours:
    """The UTC hours that a window touches, with the expected pings of each; the same for all devices of a vessel.

    One more than the window's length in hours: the first and the last are partial.
    """

    def __init__(self, window_start: datetime, window_end: datetime, interval: timedelta) -> None:
        self.first = floor_hour(window_start)
        inner = [self.first + number * HOUR for number in range(1, 1 + round((window_end - window_start) / HOUR))]
        bounds = [window_start, *inner, window_end]
        self._expected = tuple(pings_due(start, end, interval) for start, end in pairwise(bounds))

    def __len__(self) -> int:
        return len(self._expected)

    def pings(self, recorded: tuple[int, ...], answered: tuple[int, ...]) -> PingHours:
        """A device's hours from its counts, one per hour."""
        return PingHours(self.first, self._expected, recorded, answered)


def ping_hours(
    window_start: datetime, window_end: datetime, interval: timedelta, counts: Mapping[datetime, tuple[int, int]]
) -> PingHours:
    """One device's hours; `counts` is the start of an hour -> (recorded, answered)."""
    hours = WindowHours(window_start, window_end, interval)
    listed = [counts.get(hours.first + number * HOUR, (0, 0)) for number in range(len(hours))]
    recorded, answered = zip(*listed, strict=True)
    return hours.pings(recorded, answered)


def ping_count(hours: PingHours) -> int:
    """Pings recorded in the window."""
    return sum(hours.recorded)


def successful_pings(hours: PingHours) -> int:
    """Pings answered in the window."""
    return sum(hours.answered)


def uptime_percent(hours: PingHours) -> float | None:
    """Answered / recorded pings; no pings means no uptime, never 0 %."""
    recorded = ping_count(hours)
    return 100 * successful_pings(hours) / recorded if recorded else None


def coverage_percent(hours: PingHours) -> float | None:
    """Recorded / expected pings, at most 100 %; `None` before the vessel was ever asked."""
    expected = sum(hours.expected)
    return min(100.0, 100 * ping_count(hours) / expected) if expected else None


@dataclass(frozen=True, slots=True)
class DownDevice:
    """A device that was down when last seen; `last_success_at` is its last answered ping, if ever."""

    ip_address: str
    last_success_at: datetime | None


@dataclass(frozen=True, slots=True)
class QueryContext:
    """Input of the next request to a vessel: its clock skew, and the devices whose outage is to be dated."""

    clock_skew_seconds: int = 0
    down: tuple[DownDevice, ...] = ()
