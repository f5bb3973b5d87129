"""A `Select` over the pings of one vessel -> the series that InfluxDB answers, times in seconds since 1970."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fleetdash.demo.influxql import Select
from fleetdash.demo.ping_series import PingSeries, Segment

MEASUREMENT = "ping"
TAG = "url"
HOUR = 3600

Row = tuple[int, float]
Series = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Selection:
    """The pings of one device that a statement is about: those of the minutes [start, end)."""

    select: Select
    pings: PingSeries
    start: int
    end: int

    def segments(self) -> Iterator[Segment]:
        """Oldest first."""
        return self._matching(self.pings.segments(self.start, self.end))

    def newest(self) -> Segment | None:
        return next(self._matching(self.pings.segments_back(self.start, self.end)), None)

    def _matching(self, segments: Iterator[Segment]) -> Iterator[Segment]:
        return (segment for segment in segments if segment.reply.answered) if self.select.answered else segments


def evaluate(select: Select, pings: Mapping[str, PingSeries], last_minute: int) -> list[Series]:
    """The series, sorted by address; nothing is recorded after `last_minute`, the vessel's present."""
    if (select.measurement, select.tag) != (MEASUREMENT, TAG):
        return []
    start, end = _minute(select.start), last_minute + 1
    if select.end is not None:
        end = min(end, _minute(select.end))
    found = []
    for address in sorted(pings) if select.device is None else [select.device]:
        if address in pings:
            series = pings[address]
            rows = _FUNCTIONS[select.function](Selection(select, series, max(start, series.begins), end))
            found += [_series(select, address, rows)] if rows else []
    return found


def _minute(seconds: int) -> int:
    """The first minute that begins at that time or later."""
    return -(-seconds // 60)


def _series(select: Select, address: str, rows: list[Row]) -> Series:
    tags = {} if select.device else {"tags": {TAG: address}}
    return {"name": MEASUREMENT, **tags, "columns": ["time", select.function], "values": rows}


def _count(selection: Selection) -> list[Row]:
    """By the hour; an hour without pings has no row."""
    offset = selection.select.offset
    counts: dict[int, int] = {}
    for start, end, _ in selection.segments():
        first = start * 60 - (start * 60 - offset) % HOUR
        last = (end - 1) * 60 - ((end - 1) * 60 - offset) % HOUR
        counts[first] = counts.get(first, 0) + min(end, _minute(first + HOUR)) - start
        if last > first:
            counts.update(dict.fromkeys(range(first + HOUR, last, HOUR), 60))
            counts[last] = end - _minute(last)
    return list(counts.items())


def _mean(selection: Selection) -> list[Row]:
    pings, total = 0, 0.0
    for start, end, reply in selection.segments():
        if reply.timed:
            pings += end - start
            total += selection.pings.response_total_ms(start, end)
    return [(selection.select.start, total / pings)] if pings else []


def _last(selection: Selection) -> list[Row]:
    newest = selection.newest()
    return [((newest.end - 1) * 60, newest.reply.result_code)] if newest else []


def _first(selection: Selection) -> list[Row]:
    oldest = next(selection.segments(), None)
    return [(oldest.start * 60, oldest.reply.result_code)] if oldest else []


_FUNCTIONS: dict[str, Callable[[Selection], list[Row]]] = {
    "count": _count, "mean": _mean, "last": _last, "first": _first,
}  # fmt: skip
