"""How each component met the SLA over time: lines with their names at the end."""

from datetime import timedelta

import plotly.graph_objects as go

from fleetdash.domain.analytics.run_statistics import ComponentDay, by_component
from fleetdash.domain.analytics.summary import Analytics
from fleetdash.web.figures import theme
from fleetdash.web.paths import Paths
from fleetdash.web.text import formats
from fleetdash.web.text import period_formats as times

_DASHES = ("solid", "dash", "dot", "dashdot")


def sla(a: Analytics, _paths: Paths) -> go.Figure | None:
    """The accent is for the component that does worst; the others are quiet, and told apart by their dashes."""
    components = by_component(a.components)
    if not components:
        return None
    axis = theme.percent_axis(day.sla_compliance_percent or 0.0 for days in components.values() for day in days)
    traces = [_line(a, name, days, place) for place, (name, days) in enumerate(components.items())]
    return theme.figure(
        *reversed(traces),
        xaxis=theme.time_axis(a),
        yaxis=axis,
        annotations=_names(components, axis["range"][0]),
        margin={"r": 120},
    )


def _line(a: Analytics, name: str, days: list[ComponentDay], place: int) -> go.Scatter:
    """By day; a day without verdicts breaks the line."""
    known = {day.day: day for day in days}
    dates = [a.period.first + timedelta(days=number) for number in range(a.period.day_count)]
    rates = [known[day].sla_compliance_percent if day in known else None for day in dates]
    colour = theme.ACCENT if place == 0 else theme.SOFT
    return go.Scatter(
        x=[f"{day}T12:00:00" for day in dates],
        y=rates,
        mode="lines+markers",
        line={"color": colour, "width": 2 if place == 0 else 1.5, "dash": _DASHES[place % len(_DASHES)]},
        marker={"size": theme.dots(rates), "color": colour},
        hovertext=[
            f"<b>{times.day(day)}</b><br>{theme.plain(name)}: {formats.percent(rate)} % of the checks met the SLA"
            for day, rate in zip(dates, rates, strict=True)
        ],
        hoverinfo="text",
        name=theme.plain(name),
    )


def _names(components: dict[str, list[ComponentDay]], lowest: float) -> list[dict[str, object]]:
    """Beside the ends of the lines, moved apart where they would overlap."""
    worst = next(iter(components))
    ends = {name: days[-1].sla_compliance_percent or 0.0 for name, days in components.items()}
    step, last = (100 - lowest) / 9, float("inf")
    names: list[dict[str, object]] = []
    for name in sorted(ends, key=lambda each: -ends[each]):
        last = min(ends[name], last - step)
        names.append(
            {
                "text": theme.plain(name),
                "x": 1,
                "xref": "paper",
                "y": last,
                "yref": "y",
                "xanchor": "left",
                "xshift": 8,
                "showarrow": False,
                "font": {"color": theme.INK if name == worst else theme.SOFT},
            }
        )
    return names
