"""The report's charts: a few shapes each, drawn by hand, since a page to print has no script to draw them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from html import escape
from math import ceil, floor, log10

from fleetdash.domain.analytics.run_statistics import percent
from fleetdash.domain.analytics.summary import Analytics, HeatRow
from fleetdash.domain.analytics.time_buckets import TimeBucket
from fleetdash.web.text import period_formats as times

WIDTH, HEIGHT = 720, 170
LEFT, RIGHT, TOP, BOTTOM = 48, 8, 8, 22

HATCH = (
    '<svg width="0" height="0" style="position:absolute" aria-hidden="true"><defs>'
    '<pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<line x1="0" x2="0" y1="0" y2="5" class="hatch"/></pattern></defs></svg>'
)
"""How a gap is filled, once for all pictures of a page."""

Value = Callable[[TimeBucket], float | None]


def tag(name: str, content: str = "", **attributes: object) -> str:
    """Attributes are escaped; `content` is markup."""
    written = "".join(f' {key.rstrip("_").replace("_", "-")}="{escape(str(v))}"' for key, v in attributes.items())
    return f"<{name}{written}>{content}</{name}>"


@dataclass(frozen=True, slots=True)
class Scales:
    """From the period and the values to places on the picture."""

    since: datetime
    until: datetime
    low: float
    high: float

    def x(self, moment: datetime) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * ((moment - self.since) / (self.until - self.since)), 1)

    def y(self, value: float) -> float:
        span = self.high - self.low or 1.0
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - (value - self.low) / span), 1)


def line(a: Analytics, value: Value, *, low: float, high: float, unit: str, name: str) -> str:
    """A line that breaks where nothing is known; gaps are hatched."""
    scales = Scales(a.period.since, a.period.until, low, high)
    paths = "".join(
        tag("polyline", points=" ".join(f"{x},{y}" for x, y in part), class_="line")
        if len(part) > 1
        else tag("circle", cx=part[0][0], cy=part[0][1], r=2, class_="dot")
        for part in _parts(a.time_buckets, value, scales)
    )
    return _picture(name, HEIGHT, _grid(scales, unit) + _time(scales) + _gaps(a, scales) + paths)


def bars(a: Analytics, value: Value, *, unit: str, name: str) -> str:
    """A bar for each stretch of time."""
    known = [(each, value(each) or 0.0) for each in a.time_buckets]
    scales = Scales(a.period.since, a.period.until, 0, 1.05 * max([amount for _, amount in known] or [0]) or 1.0)
    drawn = "".join(
        _rectangle(scales.x(each.since), scales.y(amount), scales.x(each.until), scales.y(0), "bar")
        for each, amount in known
        if amount
    )
    return _picture(name, HEIGHT, _grid(scales, unit) + _time(scales) + _gaps(a, scales) + drawn)


ROW = 11
NAMES = 130


def heat(a: Analytics, rows: Sequence[HeatRow], name: str) -> str:
    """A row a vessel; only what is not well is coloured, and equal neighbours are one shape."""
    if not rows:
        return ""
    starts = a.heat_starts
    width = (WIDTH - NAMES - RIGHT) / len(starts)
    height = len(rows) * ROW
    drawn = [_rectangle(NAMES, TOP, WIDTH - RIGHT, TOP + height, "heat-well")]
    for number, row in enumerate(rows):
        y = TOP + number * ROW
        drawn.append(tag("text", escape(row.name[:22]), x=NAMES - 6, y=y + 9, class_="row-name"))
        drawn += [
            _rectangle(NAMES + first * width, y, NAMES + (last + 1) * width, y + ROW - 1, shade)
            for shade, first, last in _merged(
                [_unknown(a, day) or _shade(*cell) for day, cell in zip(starts, row.cells, strict=True)]
            )
        ]
    for place in range(0, len(starts), max(1, len(starts) // 8)):
        drawn.append(tag("text", times.day(starts[place])[4:], x=NAMES + place * width, y=TOP + height + 14))
    return _picture(name, TOP + height + BOTTOM, "".join(drawn))


def _unknown(a: Analytics, day: date) -> str | None:
    """Neither a gap nor well: before the first run."""
    last = day + timedelta(days=a.heat_days - 1)
    return "heat-unknown" if a.known_since is None or last < a.known_since.date() else None


def _shade(runs: int, successes: int) -> str | None:
    rate = percent(successes, runs)
    if rate is None:
        return "gap"
    if rate >= 99.5:
        return None
    return "heat-1" if rate >= 95 else "heat-2" if rate >= 75 else "heat-3" if rate > 25 else "heat-4"


def _merged(shades: Sequence[str | None]) -> Iterator[tuple[str, int, int]]:
    first = 0
    for place, shade in enumerate(shades):
        if place + 1 == len(shades) or shades[place + 1] != shade:
            if shade is not None:
                yield shade, first, place
            first = place + 1


def _parts(time_buckets: Sequence[TimeBucket], value: Value, scales: Scales) -> list[list[tuple[float, float]]]:
    parts: list[list[tuple[float, float]]] = [[]]
    for each in time_buckets:
        amount = value(each)
        if amount is None:
            parts.append([])
        else:
            parts[-1].append((scales.x(each.since + (each.until - each.since) / 2), scales.y(amount)))
    return [part for part in parts if part]


def _gaps(a: Analytics, scales: Scales) -> str:
    return "".join(
        _rectangle(scales.x(max(each.since, scales.since)), TOP, scales.x(each.until), HEIGHT - BOTTOM, "gap")
        for each in a.time_buckets
        if times.is_gap(a, each)
    )


def _grid(scales: Scales, unit: str) -> str:
    step = _round_step((scales.high - scales.low) / 4)
    drawn = []
    for number in range(ceil(scales.low / step), int(scales.high / step + 1e-9) + 1):
        y = scales.y(number * step)
        drawn.append(tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y, class_="grid"))
        drawn.append(tag("text", f"{number * step:g} {escape(unit)}", x=LEFT - 6, y=y + 3, class_="axis"))
    return "".join(drawn)


def _round_step(least: float) -> float:
    """The next of 1, 2, 5, 10, ..."""
    power = 10.0 ** floor(log10(least))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= least * 0.999)


def _time(scales: Scales) -> str:
    """Six moments of the period."""
    span = scales.until - scales.since
    drawn = []
    for sixth in range(6):
        moment = scales.since + span * sixth / 6
        written = f"{moment.day} {moment:%b}" if span > timedelta(days=3) else f"{moment:%H:%M}"
        drawn.append(tag("text", written, x=scales.x(moment), y=HEIGHT - 6))
    return "".join(drawn)


def _rectangle(left: float, top: float, right: float, bottom: float, kind: str) -> str:
    width, height = max(0.5, right - left), max(0.0, bottom - top)
    return tag("rect", x=round(left, 1), y=round(top, 1), width=round(width, 1), height=round(height, 1), class_=kind)


def _picture(name: str, height: float, content: str) -> str:
    title = tag("title", escape(name))
    return tag("svg", title + content, viewBox=f"0 0 {WIDTH} {height:.0f}", role="img", aria_label=name)
