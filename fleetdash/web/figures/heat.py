"""Sync history: ships by days, or weeks; the more queries failed, the stronger the colour."""

from datetime import date, timedelta

import plotly.graph_objects as go

from fleetdash.domain.analytics import Analytics
from fleetdash.domain.statistics import percent
from fleetdash.web.figures import theme
from fleetdash.web.paths import Paths

ROW = 13


def sync_history(a: Analytics, paths: Paths) -> go.Figure | None:
    """Troubled ships first; a day without runs is hatched for all."""
    if not a.heat:
        return None
    days = (a.heat_starts[1] - a.heat_starts[0]).days if len(a.heat_starts) > 1 else 1
    x = [_middle(start, days) for start in a.heat_starts]
    rates = [[percent(successes, runs) for runs, successes in row.cells] for row in a.heat]
    cells = go.Heatmap(
        x=x,
        y=list(range(len(a.heat))),
        z=rates,
        zmin=0,
        zmax=100,
        xgap=1,
        ygap=1,
        colorscale=[[0, theme.BAD], [0.5, "var(--heat-middle)"], [0.95, "var(--heat-low)"], [1, "var(--heat-well)"]],
        showscale=False,
        customdata=[[list(cell) for cell in row.cells] for row in a.heat],
        text=[[theme.plain(row.name)] * len(x) for row in a.heat],
        hovertemplate=(
            "<b>%{text}</b><br>%{x|%a %d %b}: %{customdata[1]} of %{customdata[0]} runs reached it<extra></extra>"
        ),
        hoverongaps=False,
    )
    empty = [place for place in range(len(x)) if all(row.cells[place][0] == 0 for row in a.heat)]
    known = a.known_since.date() if a.known_since else a.period.last
    gaps = [x[place] for place in empty if a.heat_starts[place] >= known]
    hatched = go.Bar(
        x=gaps,
        y=[len(a.heat)] * len(gaps),
        base=-0.5,
        width=days * 86_400_000,
        marker={
            "color": theme.CLEAR,
            "line": {"width": 0},
            "pattern": {"shape": "/", "fgcolor": theme.HATCH, "size": 5},
        },
        hoverinfo="skip",
    )
    return theme.figure(
        hatched,
        cells,
        height=48 + ROW * max(6, len(a.heat)),
        xaxis=theme.time_axis(a),
        yaxis={
            "range": [len(a.heat) - 0.5, -0.5],
            "tickvals": list(range(len(a.heat))),
            "ticktext": [_short(row.name) for row in a.heat],
            "tickfont": {"size": 10, "color": theme.SOFT},
            "showgrid": False,
        },
        margin={"l": 148},
        bargap=0,
        annotations=theme.before_history(a),
        meta={"links": [paths.vessel(row.vessel_id) for row in a.heat]},
    )


def _middle(start: date, days: int) -> str:
    return f"{start + timedelta(days=days // 2)}T12:00:00"


def _short(name: str) -> str:
    return theme.plain(name if len(name) <= 20 else f"{name[:19]}…")
