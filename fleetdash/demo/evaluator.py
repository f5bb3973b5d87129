"""A `Select` over the tracks of one vessel -> the series that InfluxDB 1.x answers, times in nanoseconds."""

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fleetdash.demo.influxql import SECOND, Condition, Select
from fleetdash.demo.parts import AGGREGATES, Part
from fleetdash.demo.ping_series import PingSeries, Segment
from fleetdash.demo.replies import FIELDS, Reply

MEASUREMENT = "ping"
TAG = "url"
MINUTE = 60 * SECOND

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "!=": operator.ne, "<>": operator.ne,
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip

Row = list[Any]
Series = dict[str, Any]
Tracks = Mapping[str, PingSeries]


class ExecutionError(Exception):
    """Told to the client in the statement's result."""


@dataclass(frozen=True, slots=True)
class Span:
    """The minutes that a statement is about, and its conditions on a ping's kind."""

    start: int
    end: int
    fits: Callable[[Reply], bool]

    def parts(self, tracks: Iterable[PingSeries]) -> Iterator[Part]:
        for track in tracks:
            yield from (Part(track, spell) for spell in track.spells(self.start, self.end) if self.fits(spell.reply))

    def newest(self, track: PingSeries) -> Part | None:
        spells = track.spells_back(self.start, self.end)
        return next((Part(track, spell) for spell in spells if self.fits(spell.reply)), None)

    def oldest(self, track: PingSeries) -> Part | None:
        return next(self.parts([track]), None)


def evaluate(select: Select, tracks: Tracks, last_minute: int) -> list[Series]:
    """The series, sorted by tag; nothing is recorded after `last_minute`, the vessel's present."""
    if select.measurement != MEASUREMENT or not tracks:
        return []
    begin = min(track.begins for track in tracks.values())
    start = begin if select.start is None else max(begin, -(-select.start // MINUTE))
    end = last_minute + 1 if select.end is None else min(last_minute + 1, -(-select.end // MINUTE))
    tags = tuple(condition for condition in select.conditions if isinstance(condition.literal, str))
    chosen = {url: tracks[url] for url in sorted(tracks) if all(_holds_for_tag(tag, url) for tag in tags)}
    if start >= end:
        return []
    span = Span(start, end, _fits(select))
    if TAG in select.tags or "*" in select.tags:
        found = [_series(select, span, {url: track}, {TAG: url}) for url, track in chosen.items()]
    else:
        found = [_series(select, span, chosen, None)]
    return [series for series in found if series["values"]]


def _fits(select: Select) -> Callable[[Reply], bool]:
    """Whether pings of a kind count: they carry what is asked and meet what is demanded of the fields."""
    demands = [condition for condition in select.conditions if not isinstance(condition.literal, str)]
    asked = FIELDS if select.fields == ("*",) else select.fields

    def fits(reply: Reply) -> bool:
        return any(map(reply.carries, asked)) and all(_holds(demand, reply) for demand in demands)

    return fits


def _holds(condition: Condition, reply: Reply) -> bool:
    value = reply.value(condition.subject)
    return value is not None and _COMPARE[condition.operator](value, condition.literal)


def _holds_for_tag(condition: Condition, url: str) -> bool:
    value = url if condition.subject == TAG else ""
    return _COMPARE[condition.operator](value, condition.literal)


def _series(select: Select, span: Span, tracks: Tracks, tags: dict[str, str] | None) -> Series:
    if select.function is None:
        columns, values = _raw(select, span, tracks, tagged=tags is not None)
    else:
        columns, values = ["time", select.function], _aggregated(select, span, tracks)
    series: Series = {"name": MEASUREMENT}
    if tags is not None:
        series["tags"] = tags
    return series | {"columns": columns, "values": values}


def _raw(select: Select, span: Span, tracks: Tracks, *, tagged: bool) -> tuple[list[str], list[Row]]:
    names = select.fields
    if names == ("*",):
        names = FIELDS if tagged else (*FIELDS, TAG)
    rows: list[Row] = [
        [minute * MINUTE, *(url if name == TAG else part.value(name, minute) for name in names)]
        for url, track in tracks.items()
        for part in span.parts([track])
        for minute in range(part.spell.start, part.spell.end)
    ]
    return ["time", *names], sorted(rows, key=lambda row: row[0])


def _aggregated(select: Select, span: Span, tracks: Tracks) -> list[Row]:
    field, function = select.fields[0], select.function
    if function in ("first", "last") and select.interval is None:
        return _selected(function, field, span, tracks)
    aggregate = AGGREGATES.get(function or "")
    if aggregate is None:
        raise ExecutionError(f"undefined function {function}()")
    if select.interval is None:
        parts = list(span.parts(tracks.values()))
        return [[select.start or 0, aggregate(parts, field)]] if parts else []
    cells = _cells(span.parts(tracks.values()), select.interval, select.offset)
    return [[start, aggregate(cells[start], field)] for start in sorted(cells)]


def _selected(function: str, field: str, span: Span, tracks: Tracks) -> list[Row]:
    """The oldest or newest ping with its own time."""
    find = span.oldest if function == "first" else span.newest
    points = []
    for part in filter(None, map(find, tracks.values())):
        minute = part.spell.start if function == "first" else part.spell.end - 1
        points.append([minute * MINUTE, part.value(field, minute)])
    if not points:
        return []
    return [(min if function == "first" else max)(points, key=lambda point: point[0])]


def _cells(parts: Iterable[Part], interval: int, offset: int) -> dict[int, list[Part]]:
    """The parts cut at the bounds of `time(interval, offset)`, by the start of their cell."""
    cells: dict[int, list[Part]] = {}
    for part in parts:
        minute, end = part.spell.start, part.spell.end
        while minute < end:
            cell = (minute * MINUTE - offset) // interval * interval + offset
            cut = min(end, -(-(cell + interval) // MINUTE))
            cells.setdefault(cell, []).append(Part(part.track, Segment(minute, cut, part.spell.reply)))
            minute = cut
    return cells
