"""What all figures share: the template, the axis of time, and how a gap is drawn."""

from collections.abc import Iterable
from html import escape
from math import floor
from typing import Any

import plotly.graph_objects as go

from fleetdash.domain.analytics.bad_times import BadTime
from fleetdash.domain.analytics.summary import Analytics
from fleetdash.domain.analytics.time_buckets import TimeBucket
from fleetdash.web.paths import Paths
from fleetdash.web.text import period_formats as times

ACCENT, INK, SOFT, LINE, HATCH, SURFACE = (
    f"var(--{name})" for name in ("accent", "ink", "ink-soft", "line", "hatch", "surface")
)
BAD = "var(--sync-failed)"
CLEAR = "rgba(0,0,0,0)"

LEFT = 56
"""The same for all charts over time, so that their moments stand above each other."""

_AXIS: dict[str, Any] = {
    "gridcolor": LINE,
    "linecolor": LINE,
    "zerolinecolor": LINE,
    "tickcolor": LINE,
    "tickfont": {"color": SOFT},
    "fixedrange": True,
    "automargin": False,
}

TEMPLATE = go.layout.Template(
    layout={
        "font": {
            "family": 'system-ui, -apple-system, "Segoe UI", "Liberation Sans", sans-serif',
            "size": 12,
            "color": INK,
        },
        "paper_bgcolor": SURFACE,
        "plot_bgcolor": SURFACE,
        "margin": {"l": LEFT, "r": 16, "t": 8, "b": 44},
        "colorway": [ACCENT],
        "showlegend": False,
        "dragmode": False,
        "hovermode": "closest",
        "hoverlabel": {"bgcolor": SURFACE, "bordercolor": SOFT, "font": {"color": INK}, "align": "left"},
        "xaxis": _AXIS,
        "yaxis": _AXIS,
        "bargap": 0.2,
    }
)


HEIGHT = 228
PLOT_HEIGHT = HEIGHT - 8 - 44
"""Without the margins of the template."""
LABEL_ROW = 15
"""One row of text beside a line, in pixels."""


def figure(*traces: Any, height: int = HEIGHT, **layout: Any) -> go.Figure:
    return go.Figure(list(traces), {"template": TEMPLATE, "height": height, **layout})


_ASIDE = {"ticks": "outside", "ticklen": 4, "ticklabelstandoff": 2}
"""The first label must not touch the lowest one of the other axis."""


def time_axis(a: Analytics) -> dict[str, Any]:
    """The chosen period, whatever data there is."""
    days = a.period.day_count
    written = "%b<br>%Y" if days > 150 else "%-d %b" if days > 3 else "%H:%M<br>%-d %b"
    bounds = [_iso(a.period.since), _iso(a.period.until)]
    return {"type": "date", "range": bounds, "showgrid": False, "nticks": 8, "tickformat": written} | _ASIDE


def middle(bucket: TimeBucket) -> str:
    return _iso(bucket.since + (bucket.until - bucket.since) / 2)


def width_ms(bucket: TimeBucket) -> float:
    return (bucket.until - bucket.since).total_seconds() * 1000


def percent_axis(rates: Iterable[float]) -> dict[str, Any]:
    """Begins at a round number below every rate, at most at 90: never so fine that noise looks like a drop."""
    lowest = float(max(0, min(90, floor(min(rates) / 10) * 10)))
    return {"range": [lowest, 100 + (100 - lowest) / 25], "ticksuffix": " %", "nticks": 6}


HATCHED: dict[str, Any] = {
    "color": CLEAR,
    "line": {"width": 0},
    "pattern": {"shape": "/", "fgcolor": HATCH, "size": 5},
}


def gaps(a: Analytics, low: float, high: float, **place: Any) -> go.Bar:
    """Times without runs, hatched from bottom to top: neither 0 nor 100 %."""
    without = [each for each in a.time_buckets if times.is_gap(a, each)]
    return go.Bar(
        x=[middle(each) for each in without],
        y=[high - low] * len(without),
        base=low,
        width=[width_ms(each) for each in without],
        marker=HATCHED,
        hovertext=[f"{times.when(each, a.step)}<br>no run was made" for each in without],
        hoverinfo="text",
        name="no runs",
        **place,
    )


def before_history(a: Analytics, y: float = 0.5) -> list[dict[str, Any]]:
    """A word where the period begins before anything is known; `y` from 0, the bottom, to 1."""
    if a.known_since is None or (a.known_since - a.period.since) < (a.period.until - a.period.since) / 10:
        return []
    middle_of_nothing = a.period.since + (a.known_since - a.period.since) / 2
    return [
        {
            "x": _iso(middle_of_nothing),
            "xref": "x",
            "y": y,
            "yref": "paper",
            # in lines so short that they fit a narrow chart
            "text": f"no data<br>before<br>{a.known_since.day} {a.known_since:%b %Y}",
            "showarrow": False,
            "font": {"color": SOFT},
        }
    ]


def runs_of(part: TimeBucket | BadTime, paths: Paths) -> str:
    """The run log of that time."""
    return paths.runs(since=f"{part.since:%Y-%m-%dT%H:%MZ}", until=f"{part.until:%Y-%m-%dT%H:%MZ}")


def dots(values: list[float | None]) -> list[float]:
    """A point that no line leads to or from would be invisible: it gets a dot; few points get one each."""
    if len(values) <= 40:
        return [5.0] * len(values)
    padded = [None, *values, None]
    return [5.0 if padded[place] is None and padded[place + 2] is None else 0.0 for place in range(len(values))]


def short(name: str) -> str:
    """So much of it as there is room for beside an axis."""
    return plain(name if len(name) <= 20 else f"{name[:19]}…")


def plain(text: str) -> str:
    """Plotly reads a kind of HTML in all its texts."""
    return escape(text, quote=False)


def _iso(moment: Any) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}"
