"""A plotly figure of the page as a static picture, since a page to print has no script to draw it.

Only what `web.figures` uses is known here: lines, bands, dots, bars, a heat map, and texts beside them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import escape, unescape
from itertools import pairwise
from math import ceil, floor, log10
from typing import Any

from fleetdash.report.style import COLOURS
from fleetdash.web.figures.theme import TEMPLATE

WIDTH = 720
HATCH = (
    '<svg width="0" height="0" style="position:absolute" aria-hidden="true"><defs>'
    '<pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    f'<line x1="0" x2="0" y1="0" y2="5" stroke="{COLOURS["hatch"]}" stroke-width="2"/></pattern></defs></svg>'
)
"""How a gap is filled, once for all pictures of a page."""

_DASHES = {"dash": "7 4", "dot": "2 3", "dashdot": "7 3 2 3"}
_ANCHORS = {"left": "start", "center": "middle", "right": "end"}


@dataclass(frozen=True, slots=True)
class Scale:
    """From values between `low` and `high` to pixels between `start` and `end`."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: Any) -> float:
        share = (_number(value) - self.low) / ((self.high - self.low) or 1.0)
        return round(self.start + share * (self.end - self.start), 1)


def draw(figure: dict[str, Any], title: str) -> str:
    """`figure`: plotly's, as `to_plotly_json` gives it; `title`: its text alternative."""
    layout, traces = figure["layout"], figure["data"]
    margin = TEMPLATE.to_plotly_json()["layout"]["margin"] | layout.get("margin", {})
    left, right, top, bottom = margin["l"], WIDTH - margin["r"], margin["t"], layout["height"] - margin["b"]
    since, until = map(_number, layout["xaxis"]["range"])
    x = Scale(since, until, left, right)
    shapes = list[str]()
    for name in ("y", "y2"):
        axis = layout.get(name.replace("y", "yaxis"), {})
        if "range" in axis:
            low, high = axis.get("domain", (0, 1))
            least, most = axis["range"]
            y = Scale(least, most, bottom - low * (bottom - top), bottom - high * (bottom - top))
            shapes += _values(axis, y, left, right)
            shapes += (shape for each in traces if each.get("yaxis", "y") == name for shape in _trace(each, x, y))
            if name == "y":
                shapes += (_annotation(each, x, y, Scale(0, 1, bottom, top)) for each in layout.get("annotations", ()))
    if layout["xaxis"].get("visible", True):
        shapes += _times(layout["xaxis"], x, bottom + 16)
    content = _tag("title", escape(title)) + "".join(shapes)
    return _tag("svg", content, viewBox=f"0 0 {WIDTH} {layout['height']}", role="img", aria_label=title, font_size=11)


def _trace(trace: dict[str, Any], x: Scale, y: Scale) -> Iterator[str]:
    match trace["type"]:
        case "scatter":
            return _line(trace, x, y)
        case "heatmap":
            return _heat_map(trace, x, y)
        case _:
            return _sideways(trace, x, y) if trace.get("orientation") == "h" else _bars(trace, x, y)


def _line(trace: dict[str, Any], x: Scale, y: Scale) -> Iterator[str]:
    """Breaks where nothing is known; dots where no line leads."""
    points = [None if value is None else (x(at), y(value)) for at, value in zip(trace["x"], trace["y"], strict=True)]
    if trace.get("fill"):
        yield _tag("polygon", points=_path(points), fill=_colour(trace["fillcolor"]))
    elif "lines" in trace["mode"]:
        line = trace["line"]
        look = {"stroke": _colour(line["color"]), "stroke_width": line["width"], "fill": "none"}
        dashes = _DASHES.get(line.get("dash"), "none")
        for part in _unbroken(points):
            yield _tag("polyline", points=_path(part), stroke_dasharray=dashes, **look)
    if "markers" in trace["mode"]:
        marker = trace["marker"]
        sizes = marker["size"] if isinstance(marker["size"], list) else [marker["size"]] * len(points)
        for point, size in zip(points, sizes, strict=True):
            if point and size:
                yield _dot(*point, size / 2, _colour(marker["color"]), diamond=marker.get("symbol") == "diamond")


def _dot(x: float, y: float, r: float, fill: str, *, diamond: bool) -> str:
    if diamond:
        return _tag("polygon", points=_path([(x - r, y), (x, y - r), (x + r, y), (x, y + r)]), fill=fill)
    return _tag("circle", cx=x, cy=y, r=r, fill=fill)


_Points = Sequence[tuple[float, float] | None]


def _unbroken(points: _Points) -> Iterator[_Points]:
    part: list[tuple[float, float]] = []
    for point in [*points, None]:
        if point:
            part.append(point)
        elif part:
            yield part
            part = []


def _path(points: _Points) -> str:
    return " ".join(f"{point[0]},{point[1]}" for point in points if point)


def _bars(trace: dict[str, Any], x: Scale, y: Scale) -> Iterator[str]:
    widths, base = trace["width"], trace.get("base", 0)
    widths = widths if isinstance(widths, list) else [widths] * len(trace["x"])
    fill = "url(#hatch)" if trace["marker"].get("pattern") else _colour(trace["marker"]["color"])
    for middle, height, width in zip(trace["x"], trace["y"], widths, strict=True):
        half = width / 2000
        if height:
            bounds = x(_number(middle) - half), x(_number(middle) + half)
            yield _rectangle(max(bounds[0], x.start), y(base + height), min(bounds[1], x.end), y(base), fill)


def _sideways(trace: dict[str, Any], x: Scale, y: Scale) -> Iterator[str]:
    fill = _colour(trace["marker"]["color"])
    for value, place, words in zip(trace["x"], trace["y"], trace["text"], strict=True):
        yield _rectangle(x(0), y(place - 0.4), x(value), y(place + 0.4), fill)
        yield _text(words, x(value) + 6, y(place) + 4, "ink")


def _heat_map(trace: dict[str, Any], x: Scale, y: Scale) -> Iterator[str]:
    width = timedelta(milliseconds=trace["xperiod"]).total_seconds()
    for place, rates in zip(trace["y"], trace["z"], strict=True):
        for start, rate in zip(trace["x"], rates, strict=True):
            if rate is not None:
                left, right = max(x(start), x.start), min(x(_number(start) + width), x.end)
                fill = _shade(trace["colorscale"], rate / trace["zmax"])
                yield _rectangle(left, y(place - 0.5), right - 1, y(place + 0.5) - 1, fill)


def _shade(scale: Sequence[tuple[float, str]], share: float) -> str:
    """Between the two nearest colours of the scale."""
    (low, first), (high, second) = next(pair for pair in pairwise(scale) if share <= pair[1][0])
    mix = (share - low) / (high - low)
    pairs = zip(*(bytes.fromhex(_colour(colour)[1:]) for colour in (first, second)), strict=True)
    return "#" + bytes(round(a + mix * (b - a)) for a, b in pairs).hex()


def _values(axis: dict[str, Any], y: Scale, left: float, right: float) -> Iterator[str]:
    """Names, or round numbers with a line each."""
    if "tickvals" in axis:
        for value, words in zip(axis["tickvals"], axis["ticktext"], strict=True):
            yield _text(words, left - 6, y(value) + 4, "ink-soft", "right")
        return
    step = _round_step((y.high - y.low) / 4)
    for number in range(ceil(y.low / step), int(y.high / step + 1e-9) + 1):
        at = y(number * step)
        yield _tag("line", x1=left, x2=right, y1=at, y2=at, stroke=COLOURS["line"])
        yield _text(f"{number * step:g}{axis.get('ticksuffix', '')}", left - 6, at + 4, "ink-soft", "right")


def _round_step(least: float) -> float:
    """The next of 1, 2, 5, 10, ..."""
    power = 10.0 ** floor(log10(least))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= least * 0.999)


def _times(axis: dict[str, Any], x: Scale, y: float) -> Iterator[str]:
    """Six moments of the period."""
    for sixth in range(6):
        seconds = x.low + (x.high - x.low) * sixth / 6
        yield _text(f"{datetime.fromtimestamp(seconds, UTC):{axis['tickformat']}}", x(seconds), y, "ink-soft")


def _annotation(each: dict[str, Any], x: Scale, y: Scale, paper: Scale) -> str:
    left = x(each["x"]) if each["xref"] == "x" else x.start + each["x"] * (x.end - x.start)
    top = paper(each["y"]) - 4 if each["yref"] == "paper" else y(each["y"]) + 4
    left += each.get("xshift", 0)
    return _text(each["text"], left, top, each["font"]["color"], each.get("xanchor", "center"))


def _text(words: str, x: float, y: float, colour: str, anchor: str = "left") -> str:
    """`words` as plotly takes them: escaped, with `<br>` between lines."""
    lines = enumerate(words.split("<br>"))
    spans = "".join(_tag("tspan", escape(unescape(line)), x=x, dy=13 if number else 0) for number, line in lines)
    return _tag("text", spans, y=y, fill=_colour(colour), text_anchor=_ANCHORS[anchor])


def _rectangle(left: float, y1: float, right: float, y2: float, fill: str) -> str:
    width, height = round(max(0.5, right - left), 1), round(abs(y2 - y1), 1)
    return _tag("rect", x=left, y=min(y1, y2), fill=fill, width=width, height=height)


def _tag(name: str, content: str = "", **attributes: object) -> str:
    """Attributes are escaped; `content` is markup."""
    written = "".join(f' {_attribute(key)}="{escape(str(value))}"' for key, value in attributes.items())
    return f"<{name}{written}>{content}</{name}>"


def _attribute(key: str) -> str:
    return key if key == "viewBox" else key.replace("_", "-")


def _colour(name: str) -> str:
    """`var(--accent)` or `accent`, resolved: a picture has to stand without the page's stylesheet."""
    return COLOURS[name.removeprefix("var(--").removesuffix(")")]


def _number(value: Any) -> float:
    """Seconds of a moment."""
    if isinstance(value, str):
        return datetime.fromisoformat(value).replace(tzinfo=UTC).timestamp()
    return float(value)
