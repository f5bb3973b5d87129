"""The pings of one device, minute by minute: a pure function of a seed and of what ails it.

A track holds no points. It is made of spells, stretches of minutes whose pings differ only in their response
time, so that a month of a vessel is counted in microseconds.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from random import Random
from typing import NamedTuple

from fleetdash.demo.faults import Interval, Trouble
from fleetdash.demo.replies import ANSWERED, ODDITIES, UNANSWERED, Reply

DAY = 1440

EIGHTHS = 8
"""Response times are whole eighths of a millisecond: sums of them are exact in any order, here and in InfluxDB."""

_SWELL = tuple(Random("response times").choice((0, 1, 2, 3, 4, 6, 9, 24)) for _ in range(1021))
_SWELL_SUMS = (0, *accumulate(_SWELL))


class Segment(NamedTuple):
    """The pings of the minutes [start, end), counted from 1970, all of one kind."""

    start: int
    end: int
    reply: Reply

    def within(self, start: int, end: int) -> "Segment":
        """The part of it in [start, end); may be empty."""
        if start <= self.start and self.end <= end:
            return self
        return Segment(max(start, self.start), min(end, self.end), self.reply)


@dataclass(slots=True)
class PingSeries:
    """One device's pings. `incidents_per_day`: how often it fails for some minutes, all by itself.

    `begins`: the minute of its first ping; `response_floor`: eighths of a millisecond.
    """

    seed: str
    begins: int
    troubles: tuple[Trouble, ...] = ()
    incidents_per_day: float = 0.0
    response_floor: int = 16
    _days: dict[int, tuple[Segment, ...]] = field(default_factory=dict, repr=False)
    _phase: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._phase = Random(self.seed).randrange(len(_SWELL))

    def spells(self, start: int, end: int) -> Iterator[Segment]:
        """What was recorded in the minutes [start, end), oldest first."""
        for day in range(start // DAY, -(-end // DAY)):
            yield from (spell.within(start, end) for spell in self._day(day) if spell.start < end and start < spell.end)

    def spells_back(self, start: int, end: int) -> Iterator[Segment]:
        """The same, newest first."""
        for day in reversed(range(start // DAY, -(-end // DAY))):
            spells = reversed(self._day(day))
            yield from (spell.within(start, end) for spell in spells if spell.start < end and start < spell.end)

    def response_ms(self, minute: int) -> float:
        """The response time of the ping of that minute."""
        return (self.response_floor + _SWELL[(minute + self._phase) % len(_SWELL)]) / EIGHTHS

    def response_total_ms(self, start: int, end: int) -> float:
        """The sum of the response times of the minutes [start, end)."""
        swell = _swell_until(end + self._phase) - _swell_until(start + self._phase)
        return (self.response_floor * (end - start) + swell) / EIGHTHS

    def _day(self, day: int) -> tuple[Segment, ...]:
        if day not in self._days:
            self._days[day] = tuple(self._paint(day * DAY, (day + 1) * DAY))
        return self._days[day]

    def _paint(self, start: int, end: int) -> Iterable[Segment]:
        """A clear day, then its incidents, then what the story says: later strokes cover earlier ones."""
        strokes: list[Interval] = [(start, end, ANSWERED), *self._incidents(start)]
        for trouble in self.troubles:
            strokes += trouble.strokes(start, end)
        strokes.append((start, self.begins, None))
        return _spells(strokes, start, end)

    def _incidents(self, start: int) -> Iterator[Interval]:
        if not self.incidents_per_day:
            return
        chance = Random(f"{self.seed}/{start}")
        for _ in range(round(chance.random() * 2 * self.incidents_per_day)):
            minute = start + chance.randrange(DAY)
            if chance.random() < 0.2:
                yield minute, minute + 1, chance.choice(ODDITIES)
            else:
                yield minute, minute + chance.randint(1, 12), UNANSWERED


def _swell_until(minute: int) -> int:
    rounds, rest = divmod(minute, len(_SWELL))
    return rounds * _SWELL_SUMS[-1] + _SWELL_SUMS[rest]


def _spells(strokes: list[Interval], start: int, end: int) -> Iterator[Segment]:
    edges = {start, end}
    for stroke_start, stroke_end, _ in strokes:
        edges.update(edge for edge in (stroke_start, stroke_end) if start < edge < end)
    ordered = sorted(edges)
    open_start, open_reply = start, _topmost(strokes, start)
    for edge in ordered[1:]:
        reply = _topmost(strokes, edge) if edge < end else None
        if edge < end and reply is open_reply:
            continue
        if open_reply is not None:
            yield Segment(open_start, edge, open_reply)
        open_start, open_reply = edge, reply


def _topmost(strokes: list[Interval], minute: int) -> Reply | None:
    return next(reply for start, end, reply in reversed(strokes) if start <= minute < end)
