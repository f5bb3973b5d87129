"""A vessel's answer: the pings of its devices, by hour."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import overload

from fleetdash.domain.recording import AnswerNotes, QueryMemory

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
    `inconclusive`: of its newest pings the time, or whether they were answered, is not known.
    """

    ip_address: str
    hours: PingHours
    average_response_ms: float | None
    last_ping_at: datetime | None
    last_success_at: datetime | None
    first_unanswered_at: datetime | None = None
    inconclusive: bool = False

    @property
    def down(self) -> bool:
        """Whether the newest ping went unanswered."""
        return not self.inconclusive and self.last_ping_at is not None and self.last_ping_at != self.last_success_at


@dataclass(frozen=True, slots=True)
class VesselAnswer:
    """A valid answer. All times are on the shore's clock: the vessel's skew is already subtracted.

    `clock_skew_seconds` is what the clock that stamps its pings is ahead by; 0 when within the tolerance.
    `memory` is for the next request, `notes` for the reason that is given of the vessel's status.
    """

    observed_at: datetime
    pings: tuple[PingSummary, ...]
    clock_skew_seconds: int = 0
    memory: QueryMemory = field(default_factory=QueryMemory)
    notes: AnswerNotes = field(default_factory=AnswerNotes)


Value = float | str | bool | None
"""A field or tag of a point; `None` where the point has none of that name."""

_NUMBER = re.compile(r"\s*([-+]?\d+(?:[.,]\d+)?)\s*%?\s*")


def number(value: Value) -> float | None:
    """A value as a number, also one that is recorded as text; `None` where it is none."""
    if isinstance(value, str):
        match = _NUMBER.fullmatch(value)
        return float(match[1].replace(",", ".")) if match else None
    return None if isinstance(value, bool) else value


def answered(result_code: Value, percent_packet_loss: Value, percent_reply_loss: Value = None) -> bool | None:
    """R4: a ping is answered when its result code is 0 and its loss is present and below 100.

    Telegraf leaves loss out on some errors, writes code 0 for a dead host in native mode, and reports negative loss
    for duplicated replies. On Windows "destination unreachable" is a received packet: there the loss of replies, where
    it is recorded, has to be below 100 too. Without a code the loss decides. `None`: the values do not show it.
    """
    if re.search("[1-9]", result_code) if isinstance(result_code, str) else result_code:
        return False
    if percent_packet_loss is None:
        return False
    losses = [number(loss) for loss in (percent_packet_loss, percent_reply_loss) if loss is not None]
    if any(loss is not None and loss >= 100 for loss in losses):
        return False
    return None if None in losses else True


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
    """Recorded / expected pings, at most 100 % in each hour; `None` before the vessel was ever asked.

    A busy hour hides no empty one.
    """
    expected = sum(hours.expected)
    return 100 * sum(map(min, hours.recorded, hours.expected)) / expected if expected else None


@dataclass(frozen=True, slots=True)
class DownDevice:
    """A device that was down when last seen; `last_success_at` is its last answered ping, if ever."""

    ip_address: str
    last_success_at: datetime | None


MOST_UNLISTED = 200


@dataclass(frozen=True, slots=True)
class QueryContext:
    """Input of the next request to a vessel: its clock, the devices whose outage is to be dated, earlier findings.

    `diagnose`: look for what is wrong, also if it was done just now, or nothing seems to be.
    """

    clock_skew_seconds: int = 0
    down: tuple[DownDevice, ...] = ()
    memory: QueryMemory = field(default_factory=QueryMemory)
    diagnose: bool = False
    most_unlisted: int = MOST_UNLISTED
    """Addresses that are taken beside those of the fleet file."""
