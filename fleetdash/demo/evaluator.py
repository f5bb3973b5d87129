"""A `Select` over the pings of one vessel -> the series that InfluxDB answers, times in seconds since 1970."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fleetdash.demo.influxql import Select
from fleetdash.demo.ping_series import PingSeries, Segment

MEASUREMENT = "ping"
TAG = "url"
WRITER_TAG = "host"
"""These vessels' pings do not have it."""

_FIELDS = ("result_code", "percent_packet_loss", "percent_reply_loss")
HOUR = 3600

Row = tuple[int, *tuple[float | None, ...]]
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
    """The series, in the order of addresses, or of time, backwards; `last_minute` is the vessel's present."""
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
    return found[::-1] if select.function == "DESC" else found


def _minute(seconds: int) -> int:
    """The first minute that begins at that time or later."""
    return -(-seconds // 60)


def _series(select: Select, address: str, rows: list[Row]) -> Series:
    tags = {} if select.device else {"tags": _tags(select, address)}
    return {"name": MEASUREMENT, **tags, "columns": ["time", *_columns(select)], "values": rows}


def _tags(select: Select, address: str) -> dict[str, str]:
    return {WRITER_TAG: "", TAG: address} if select.function in ("ASC", "DESC") else {TAG: address}


def _columns(select: Select) -> list[str]:
    if select.function in ("ASC", "DESC", "LIMIT"):
        return [*_FIELDS]
    return ["count", "count_1"] if select.function == "count" and not select.answered else [select.function]


def _count(selection: Selection) -> list[Row]:
    """By the hour; an hour without pings has no row. Of all pings also how many have a loss."""
    segments = list(selection.segments())
    counts = _by_hour(segments, selection.select.offset)
    if selection.select.answered:
        return list(counts.items())
    having_loss = [s for s in segments if s.reply.percent_packet_loss is not None]
    with_loss = counts if len(having_loss) == len(segments) else _by_hour(having_loss, selection.select.offset)
    return [(hour, number, with_loss.get(hour)) for hour, number in counts.items()]


def _by_hour(segments: Iterable[Segment], offset: int) -> dict[int, int]:
    counts: dict[int, int] = {}
    for start, end, _ in segments:
        first = start * 60 - (start * 60 - offset) % HOUR
        last = (end - 1) * 60 - ((end - 1) * 60 - offset) % HOUR
        counts[first] = counts.get(first, 0) + min(end, _minute(first + HOUR)) - start
        if last > first:
            counts.update(dict.fromkeys(range(first + HOUR, last, HOUR), 60))
            counts[last] = end - _minute(last)
    return counts


def _mean(selection: Selection) -> list[Row]:
    pings, total = 0, 0.0
    for start, end, reply in selection.segments():
        if reply.timed:
            pings += end - start
            total += selection.pings.response_total_ms(start, end)
    return [(selection.select.start, total / pings)] if pings else []


def _last(selection: Selection) -> list[Row]:
    newest = selection.newest()
    return [((newest.end - 1) * 60, newest.reply.percent_packet_loss)] if newest else []


def _newest(selection: Selection) -> list[Row]:
    newest = selection.newest()
    return [_ping(newest.end - 1, newest)] if newest else []


def _oldest(selection: Selection) -> list[Row]:
    oldest = next(selection.segments(), None)
    return [_ping(oldest.start, oldest)] if oldest else []


def _ping(minute: int, segment: Segment) -> Row:
    return (minute * 60, segment.reply.result_code, segment.reply.percent_packet_loss, None)


_FUNCTIONS: dict[str, Callable[[Selection], list[Row]]] = {
    "count": _count, "mean": _mean, "last": _last, "LIMIT": _oldest, "ASC": _oldest, "DESC": _newest,
}  # fmt: skip
