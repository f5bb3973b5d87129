"""Sync history: vessels by days, or by weeks; the more checks failed, the stronger the colour."""

from datetime import date, timedelta

import plotly.graph_objects as go

from fleetdash.domain.analytics.period import midnight
from fleetdash.domain.analytics.run_statistics import percent
from fleetdash.domain.analytics.summary import Analytics
from fleetdash.web.figures import theme
from fleetdash.web.paths import Paths

ROW = 13
_DAY_MS = 86_400_000


def sync_history(a: Analytics, paths: Paths) -> go.Figure | None:
    """Troubled vessels first; a day without runs is hatched for all."""
    if not a.heat:
        return None
    width = a.heat_days * _DAY_MS
    rates = [[percent(successes, runs) for runs, successes in row.cells] for row in a.heat]
    cells = go.Heatmap(
        x=[start.isoformat() for start in a.heat_starts],
        # a column says its first day, and is drawn over all of its days
        xperiod=width,
        xperiod0=a.heat_starts[0].isoformat(),
        xperiodalignment="middle",
        y=list(range(len(a.heat))),
        z=rates,
        zmin=0,
        zmax=100,
        xgap=1,
        ygap=1,
        colorscale=[[0, theme.BAD], [0.5, "var(--heat-middle)"], [0.95, "var(--heat-low)"], [1, "var(--heat-well)"]],
        showscale=False,
        customdata=[[list(cell) for cell in row.cells] for row in a.heat],
        text=[[theme.plain(row.name)] * len(a.heat_starts) for row in a.heat],
        hovertemplate=(
            f"<b>%{{text}}</b><br>{'%{x|%a %-d %b}' if a.heat_days == 1 else 'the week of %{x|%-d %B %Y}'}: "
            "%{customdata[1]} of %{customdata[0]} runs reached it<extra></extra>"
        ),
        hoverongaps=False,
    )
    gaps = [f"{start + timedelta(days=a.heat_days // 2)}T12:00:00" for start in a.heat_gaps]
    hatched = go.Bar(
        x=gaps,
        y=[len(a.heat)] * len(gaps),
        base=-0.5,
        width=width,
        marker=theme.HATCHED,
        hoverinfo="skip",
    )
    return theme.figure(
        hatched,
        cells,
        height=56 + ROW * max(6, len(a.heat)),
        xaxis=theme.time_axis(a),
        yaxis={
            "range": [len(a.heat) - 0.5, -0.5],
            "tickvals": list(range(len(a.heat))),
            "ticktext": [theme.short(row.name) for row in a.heat],
            "tickfont": {"size": 10, "color": theme.SOFT},
            "showgrid": False,
        },
        margin={"l": 148},
        bargap=0,
        annotations=theme.before_history(a),
        # a cell leads to the vessel's runs of that time: the two halves of the address
        meta={
            "links": [paths.runs(vessel_id=row.vessel_id) for row in a.heat],
            "columns": {start.isoformat(): _bounds(a, start, paths) for start in a.heat_starts},
        },
    )


def _bounds(a: Analytics, start: date, paths: Paths) -> str:
    """What of a column lies in the period."""
    since = max(midnight(start), a.period.since)
    until = min(midnight(start + timedelta(days=a.heat_days)), a.period.until)
    return "&" + paths.runs(since=f"{since:%Y-%m-%dT%H:%MZ}", until=f"{until:%Y-%m-%dT%H:%MZ}").partition("?")[2]
