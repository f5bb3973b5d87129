"""Pings of one device that are alike, and what functions make of several such parts."""

from collections.abc import Callable
from typing import NamedTuple

from fleetdash.demo.ping_series import PingSeries, Segment
from fleetdash.demo.replies import RESPONSE_FIELD


class Part(NamedTuple):
    """Some pings of one device."""

    track: PingSeries
    spell: Segment

    def pings(self) -> int:
        return self.spell.end - self.spell.start

    def value(self, field: str, minute: int) -> float | None:
        """The field in the ping of that minute."""
        reply = self.spell.reply
        if field == RESPONSE_FIELD:
            return _plain(self.track.response_ms(minute)) if reply.timed else None
        return reply.value(field)

    def total(self, field: str) -> float:
        """The sum of the field, which these pings carry."""
        if field == RESPONSE_FIELD:
            return self.track.response_total_ms(self.spell.start, self.spell.end)
        return self.pings() * (self.spell.reply.value(field) or 0)


def _mean(parts: list[Part], field: str) -> float:
    return _plain(sum(part.total(field) for part in parts) / sum(map(Part.pings, parts)))


def _plain(value: float) -> float:
    """Go writes 2.0 as 2."""
    return int(value) if value == int(value) else value


def _first(parts: list[Part], field: str) -> float | None:
    part = min(parts, key=lambda part: part.spell.start)
    return part.value(field, part.spell.start)


def _last(parts: list[Part], field: str) -> float | None:
    part = max(parts, key=lambda part: part.spell.end)
    return part.value(field, part.spell.end - 1)


AGGREGATES: dict[str, Callable[[list[Part], str], float | None]] = {
    "first": _first,
    "last": _last,
    "count": lambda parts, _: sum(map(Part.pings, parts)),
    "sum": lambda parts, field: _plain(sum(part.total(field) for part in parts)),
    "mean": _mean,
}
