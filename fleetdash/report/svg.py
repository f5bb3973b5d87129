"""A plotly figure of the page as a static picture, since a page to print has no script to draw it.

Only what `web.figures` uses is known here: lines, bands, dots, bars, a heat map, texts beside them with their
leaders.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from html import escape
from itertools import pairwise
from math import ceil, floor, log10
from typing import Any

from fleetdash.report.shapes import ROW, Points, Scale, dot, hex_colour, path, rectangle, seconds_of, tag, text
from fleetdash.report.style import COLOURS
from fleetdash.web.figures.theme import TEMPLATE

WIDTH = 720
_DASHES = {"dash": "7 4", "dot": "2 3", "dashdot": "7 3 2 3"}


def draw(figure: dict[str, Any], title: str) -> str:
    """`figure`: plotly's, as `to_plotly_json` gives it; `title`: its text alternative."""
    layout, traces = figure["layout"], figure["data"]
    margin = TEMPLATE.to_plotly_json()["layout"]["margin"] | layout.get("margin", {})
    left, right, top, bottom = margin["l"], WIDTH - margin["r"], margin["t"], layout["height"] - margin["b"]
    since, until = map(seconds_of, layout["xaxis"]["range"])
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
                shapes += (_leader(each, x, y) for each in layout.get("shapes", ()))
                shapes += (_annotation(each, x, y, Scale(0, 1, bottom, top)) for each in layout.get("annotations", ()))
    if layout["xaxis"].get("visible", True):
        shapes += _times(layout["xaxis"], x, bottom + 16)
    content = tag("title", escape(title)) + "".join(shapes)
    return tag("svg", content, viewBox=f"0 0 {WIDTH} {layout['height']}", role="img", aria_label=title, font_size=11)


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
        yield tag("polygon", points=path(points), fill=hex_colour(trace["fillcolor"]))
    elif "lines" in trace["mode"]:
        line = trace["line"]
        style = {"stroke": hex_colour(line["color"]), "stroke_width": line["width"], "fill": "none"}
        dashes = _DASHES.get(line.get("dash"), "none")
        for part in _unbroken(points):
            yield tag("polyline", points=path(part), stroke_dasharray=dashes, **style)
    if "markers" in trace["mode"]:
        marker = trace["marker"]
        sizes = marker["size"] if isinstance(marker["size"], list | tuple) else [marker["size"]] * len(points)
        for point, size in zip(points, sizes, strict=True):
            if point and size:
                yield dot(*point, size / 2, hex_colour(marker["color"]), diamond=marker.get("symbol") == "diamond")


def _unbroken(points: Points) -> Iterator[Points]:
    part: list[tuple[float, float]] = []
    for point in [*points, None]:
        if point:
            part.append(point)
        elif part:
            yield part
            part = []


def _bars(trace: dict[str, Any], x: Scale, y: Scale) -> Iterator[str]:
    widths, base = trace["width"], trace.get("base", 0)
    widths = widths if isinstance(widths, list | tuple) else [widths] * len(trace["x"])
    fill = "url(#hatch)" if trace["marker"].get("pattern") else hex_colour(trace["marker"]["color"])
    for middle, height, width in zip(trace["x"], trace["y"], widths, strict=True):
        half = width / 2000
        if height:
            bounds = x(seconds_of(middle) - half), x(seconds_of(middle) + half)
            yield rectangle(max(bounds[0], x.start), y(base + height), min(bounds[1], x.end), y(base), fill)


def _sideways(trace: dict[str, Any], x: Scale, y: Scale) -> Iterator[str]:
    fill = hex_colour(trace["marker"]["color"])
    for value, place, words in zip(trace["x"], trace["y"], trace["text"], strict=True):
        yield rectangle(x(0), y(place - 0.4), x(value), y(place + 0.4), fill)
        yield text(words, x(value) + 6, y(place) + 4, "ink")


def _heat_map(trace: dict[str, Any], x: Scale, y: Scale) -> Iterator[str]:
    width = timedelta(milliseconds=trace["xperiod"]).total_seconds()
    for place, rates in zip(trace["y"], trace["z"], strict=True):
        for start, rate in zip(trace["x"], rates, strict=True):
            if rate is not None:
                left, right = max(x(start), x.start), min(x(seconds_of(start) + width), x.end)
                fill = _shade(trace["colorscale"], rate / trace["zmax"])
                yield rectangle(left, y(place - 0.5), right - 1, y(place + 0.5) - 1, fill)


def _shade(scale: Sequence[tuple[float, str]], share: float) -> str:
    """Between the two nearest colours of the scale."""
    (low, first), (high, second) = next(pair for pair in pairwise(scale) if share <= pair[1][0])
    mix = (share - low) / (high - low)
    pairs = zip(*(bytes.fromhex(hex_colour(colour)[1:]) for colour in (first, second)), strict=True)
    return "#" + bytes(round(a + mix * (b - a)) for a, b in pairs).hex()


def _values(axis: dict[str, Any], y: Scale, left: float, right: float) -> Iterator[str]:
    """Names, or round numbers with a line each."""
    if "tickvals" in axis:
        for value, words in zip(axis["tickvals"], axis["ticktext"], strict=True):
            yield text(words, left - 6, y(value) + 4, "ink-soft", "right")
        return
    step = _round_step((y.high - y.low) / 4)
    for number in range(ceil(y.low / step), int(y.high / step + 1e-9) + 1):
        at = y(number * step)
        yield tag("line", x1=left, x2=right, y1=at, y2=at, stroke=COLOURS["line"])
        yield text(f"{number * step:g}{axis.get('ticksuffix', '')}", left - 6, at + 4, "ink-soft", "right")


def _round_step(least: float) -> float:
    """The next of 1, 2, 5, 10, ..."""
    power = 10.0 ** floor(log10(least))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= least * 0.999)


def _times(axis: dict[str, Any], x: Scale, y: float) -> Iterator[str]:
    """Six moments of the period."""
    for sixth in range(6):
        seconds = x.low + (x.high - x.low) * sixth / 6
        yield text(f"{datetime.fromtimestamp(seconds, UTC):{axis['tickformat']}}", x(seconds), y, "ink-soft")


def _leader(each: dict[str, Any], x: Scale, y: Scale) -> str:
    """From the end of a line to its name."""
    x1, x2 = (x.start + each[name] * (x.end - x.start) for name in ("x0", "x1"))
    line = each["line"]
    style = {"stroke": hex_colour(line["color"]), "stroke_width": line["width"], "stroke_opacity": each["opacity"]}
    dashes = _DASHES.get(line["dash"], "none")
    return tag("line", x1=x1, x2=x2, y1=y(each["y0"]), y2=y(each["y1"]), stroke_dasharray=dashes, **style)


def _annotation(each: dict[str, Any], x: Scale, y: Scale, paper: Scale) -> str:
    left = x(each["x"]) if each["xref"] == "x" else x.start + each["x"] * (x.end - x.start)
    top = paper(each["y"]) - 4 if each["yref"] == "paper" else y(each["y"]) + 4
    left += each.get("xshift", 0)
    if each.get("yanchor") == "middle":
        top -= ROW * each["text"].count("<br>") / 2
    return text(each["text"], left, top, each["font"]["color"], each.get("xanchor", "center"))
