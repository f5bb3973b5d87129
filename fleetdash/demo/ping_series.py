"""The pings of one device, minute by minute: a pure function of a seed and of the device's faults.

No points are kept. A series consists of segments, minutes in a row whose pings differ only in their response time,
so that a month of a vessel is counted in microseconds.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate, groupby, pairwise
from random import Random
from typing import NamedTuple

from fleetdash.demo.faults import Fault, Interval
from fleetdash.demo.replies import ANSWERED, ODDITIES, UNANSWERED, Reply

DAY = 1440

EIGHTHS = 8
"""Response times are whole eighths of a millisecond: sums of them are exact in any order, here and in InfluxDB."""

_JITTER = tuple(Random("response times").choice((0, 1, 2, 3, 4, 6, 9, 24)) for _ in range(1021))
_JITTER_SUMS = (0, *accumulate(_JITTER))


class Segment(NamedTuple):
    """The pings of the minutes [start, end), counted from 1970, all of one kind."""

    start: int
    end: int
    reply: Reply


@dataclass(slots=True)
class PingSeries:
    """One device's pings. `outages_per_day`: how often it fails for some minutes, apart from its faults.

    `begins`: the minute of its first ping; `response_floor`: eighths of a millisecond.
    """

    seed: str
    begins: int
    faults: tuple[Fault, ...] = ()
    outages_per_day: float = 0.0
    response_floor: int = 16
    _days: dict[int, tuple[Segment, ...]] = field(default_factory=dict, repr=False)
    _phase: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._phase = Random(self.seed).randrange(len(_JITTER))

    def segments(self, start: int, end: int) -> Iterator[Segment]:
        """What was recorded in the minutes [start, end), oldest first."""
        for day in range(start // DAY, -(-end // DAY)):
            yield from _within(self._day(day), start, end)

    def segments_back(self, start: int, end: int) -> Iterator[Segment]:
        """The same, newest first."""
        for day in reversed(range(start // DAY, -(-end // DAY))):
            yield from _within(reversed(self._day(day)), start, end)

    def response_ms(self, minute: int) -> float:
        """The response time of the ping of that minute."""
        return (self.response_floor + _JITTER[(minute + self._phase) % len(_JITTER)]) / EIGHTHS

    def response_total_ms(self, start: int, end: int) -> float:
        """The sum of the response times of the minutes [start, end)."""
        jitter = _jitter_until(end + self._phase) - _jitter_until(start + self._phase)
        return (self.response_floor * (end - start) + jitter) / EIGHTHS

    def _day(self, day: int) -> tuple[Segment, ...]:
        if day not in self._days:
            self._days[day] = tuple(_segments(self._intervals(day * DAY, (day + 1) * DAY), day * DAY, (day + 1) * DAY))
        return self._days[day]

    def _intervals(self, start: int, end: int) -> list[Interval]:
        """All pings answered, then short outages, then the faults: a later interval covers earlier ones."""
        intervals: list[Interval] = [(start, end, ANSWERED), *self._short_outages(start)]
        for fault in self.faults:
            intervals += fault.intervals(start, end)
        return [*intervals, (start, self.begins, None)]

    def _short_outages(self, start: int) -> Iterator[Interval]:
        if not self.outages_per_day:
            return
        chance = Random(f"{self.seed}/{start}")
        for _ in range(round(chance.random() * 2 * self.outages_per_day)):
            minute = start + chance.randrange(DAY)
            if chance.random() < 0.2:
                yield minute, minute + 1, chance.choice(ODDITIES)
            else:
                yield minute, minute + chance.randint(1, 12), UNANSWERED


def _within(segments: Iterable[Segment], start: int, end: int) -> Iterator[Segment]:
    """Those that touch the minutes [start, end), cut to them."""
    for segment in segments:
        first, last, reply = segment
        if start <= first and last <= end:
            yield segment
        elif max(start, first) < min(end, last):
            yield Segment(max(start, first), min(end, last), reply)


def _jitter_until(minute: int) -> int:
    rounds, rest = divmod(minute, len(_JITTER))
    return rounds * _JITTER_SUMS[-1] + _JITTER_SUMS[rest]


def _segments(intervals: list[Interval], start: int, end: int) -> Iterator[Segment]:
    edges = {edge for interval in intervals for edge in interval[:2] if start < edge < end}
    pieces = pairwise(sorted({start, end} | edges))
    for reply, alike in groupby(pieces, key=lambda piece: _reply_at(piece[0], intervals)):
        (first, end), *rest = alike
        if reply is not None:
            yield Segment(first, rest[-1][1] if rest else end, reply)


def _reply_at(minute: int, intervals: list[Interval]) -> Reply | None:
    return next(reply for start, end, reply in reversed(intervals) if start <= minute < end)
