"""How each component met the SLA over time: lines with their names at the end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from textwrap import wrap
from typing import Any

import plotly.graph_objects as go

from fleetdash.domain.analytics.period import DAY, Period, midnight
from fleetdash.domain.analytics.run_statistics import ComponentDay, by_component
from fleetdash.domain.analytics.summary import Analytics
from fleetdash.web.figures import theme
from fleetdash.web.figures.labels import Label, spread
from fleetdash.web.paths import Paths
from fleetdash.web.text import formats
from fleetdash.web.text import period_formats as times

_DASHES = ("solid", "dash", "dot", "dashdot")
_ALIKE = 99.5
"""Lines that are never below it cannot be told apart at the top of the chart: they share a label."""
_LABEL_WIDTH = 20
"""Characters of a line beside the chart."""


@dataclass(frozen=True, slots=True)
class _Line:
    """One component; `style` is plotly's.

    `end`: the rate at which it ends, at `ends_at` of the chart's width, 0 to 1.
    """

    name: str
    days: Sequence[ComponentDay]
    style: dict[str, Any]
    end: float
    ends_at: float

    @property
    def lowest(self) -> float:
        return min(day.sla_compliance_percent or 0.0 for day in self.days)


def sla(a: Analytics, _paths: Paths) -> go.Figure | None:
    """The accent is for the component that does worst; the others are quiet, and told apart by their dashes."""
    components = by_component(a.components).items()
    lines = [_line(a.period, name, days, place) for place, (name, days) in enumerate(components)]
    if not lines:
        return None
    axis = theme.percent_axis(line.lowest for line in lines)
    low, high = axis["range"]
    names, leaders = _labels(lines, low, high)
    return theme.figure(
        *(_trace(a, line) for line in reversed(lines)),
        xaxis=theme.time_axis(a),
        yaxis=axis,
        annotations=names,
        shapes=leaders,
        margin={"r": 148},
    )


def _line(period: Period, name: str, days: Sequence[ComponentDay], place: int) -> _Line:
    colour = theme.ACCENT if place == 0 else theme.SOFT
    style = {"color": colour, "width": 2 if place == 0 else 1.5, "dash": _DASHES[place % len(_DASHES)]}
    ends_at = (_middle(period, days[-1].day) - period.since) / (period.until - period.since)
    return _Line(name, days, style, days[-1].sla_compliance_percent or 0.0, ends_at)


def _middle(period: Period, day: date) -> datetime:
    """Of what of the day lies in the period."""
    start = max(midnight(day), period.since)
    return start + (min(midnight(day) + DAY, period.until) - start) / 2


def _trace(a: Analytics, line: _Line) -> go.Scatter:
    """By day; a day without verdicts breaks the line."""
    known = {day.day: day for day in line.days}
    dates = [a.period.first + timedelta(days=number) for number in range(a.period.day_count)]
    rates = [known[day].sla_compliance_percent if day in known else None for day in dates]
    name = theme.plain(line.name)
    return go.Scatter(
        x=[f"{_middle(a.period, day):%Y-%m-%dT%H:%M:%S}" for day in dates],
        y=rates,
        mode="lines+markers",
        line=line.style,
        marker={"size": theme.dots(rates), "color": line.style["color"]},
        hovertext=[
            f"<b>{times.day(day)}</b><br>{name}: {formats.percent(rate)} % of the checks met the SLA"
            for day, rate in zip(dates, rates, strict=True)
        ],
        hoverinfo="text",
        name=name,
    )


def _labels(lines: Sequence[_Line], low: float, high: float) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The names at the right, and what leads to each from the end of its line, or of its lines."""
    alike = [line for line in lines if line.lowest >= _ALIKE]
    # of labels for the same height the last one stands on top
    groups = [[line] for line in lines if line not in alike] + ([alike] if alike else [])
    texts = [wrap(_name(group), _LABEL_WIDTH) for group in groups]
    row = (high - low) * theme.LABEL_ROW / theme.PLOT_HEIGHT
    labels = [Label(group[0].end, row * len(text)) for group, text in zip(groups, texts, strict=True)]
    # beside the axis of time there is room for half a label
    heights = spread(labels, low - row / 2, high + row / 2)
    names = [_annotation(group, text, at) for group, text, at in zip(groups, texts, heights, strict=True)]
    leaders = [part for group, at in zip(groups, heights, strict=True) for line in group for part in _leader(line, at)]
    return names, leaders


def _name(group: Sequence[_Line]) -> str:
    """`Access Point`; of lines that are alike `Camera, Switch: 100 %`."""
    names = ", ".join(sorted(line.name for line in group))
    if group[0].lowest < _ALIKE:
        return names
    least = min(line.end for line in group)
    return f"{names}: {'at least ' if least < max(line.end for line in group) else ''}{formats.percent(least)}\u00a0%"


def _annotation(group: Sequence[_Line], text: Sequence[str], at: float) -> dict[str, Any]:
    return {
        "text": "<br>".join(map(theme.plain, text)),
        "x": 1,
        "xref": "paper",
        "y": at,
        "yref": "y",
        "xanchor": "left",
        "yanchor": "middle",
        "align": "left",
        "xshift": 12,
        "showarrow": False,
        "font": {"color": theme.INK if any(line.style["color"] == theme.ACCENT for line in group) else theme.SOFT},
    }


def _leader(line: _Line, at: float) -> list[dict[str, Any]]:
    """Level to the edge of the chart, then to the label; as the line itself, but paler, since it is no data."""
    level = {"x0": line.ends_at, "y0": line.end, "x1": 1, "y1": line.end}
    slope = {"x0": 1, "y0": line.end, "x1": 1.025, "y1": at}
    style = {"type": "line", "layer": "below", "opacity": 0.5, "xref": "paper", "yref": "y"}
    return [style | part | {"line": line.style | {"width": 1}} for part in (level, slope)]
