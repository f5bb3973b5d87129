"""Sync history: vessels by hours, days or weeks; the more checks failed, the stronger the colour."""

from datetime import datetime

import plotly.graph_objects as go

from fleetdash.domain.analytics.period import Step
from fleetdash.domain.analytics.run_statistics import percent
from fleetdash.domain.analytics.summary import Analytics
from fleetdash.domain.analytics.time_buckets import WIDTHS
from fleetdash.web.figures import theme
from fleetdash.web.paths import Paths

ROW = 13
_COLUMNS = {
    Step.HOUR: "%{x|%a %-d %b, %H:%M UTC}",
    Step.DAY: "%{x|%a %-d %b}",
    Step.WEEK: "the week of %{x|%-d %B %Y}",
}


def sync_history(a: Analytics, paths: Paths) -> go.Figure | None:
    """Troubled vessels first; an hour, day or week without runs is hatched for all."""
    heat, rows = a.heat_map, a.heat_map.rows
    if not rows:
        return None
    width = WIDTHS[heat.step]
    width_ms = width.total_seconds() * 1000
    # plotly gives a single column no width: an empty one follows it, outside the period
    starts = [*heat.starts, heat.starts[-1] + width]
    cells = go.Heatmap(
        x=[_label(heat.step, start) for start in starts],
        # a column says where it begins, and is drawn over all of its hours or days
        xperiod=width_ms,
        xperiod0=_label(heat.step, starts[0]),
        xperiodalignment="middle",
        y=list(range(len(rows))),
        z=[[*(percent(successes, runs) for runs, successes in row.cells), None] for row in rows],
        zmin=0,
        zmax=100,
        xgap=1,
        ygap=1,
        colorscale=[[0, theme.BAD], [0.5, "var(--heat-middle)"], [0.95, "var(--heat-low)"], [1, "var(--heat-well)"]],
        showscale=False,
        customdata=[[*map(list, row.cells), [0, 0]] for row in rows],
        text=[[theme.plain(row.name)] * len(starts) for row in rows],
        hovertemplate=(
            f"<b>%{{text}}</b><br>{_COLUMNS[heat.step]}: "
            "%{customdata[1]} of %{customdata[0]} runs reached it<extra></extra>"
        ),
        hoverongaps=False,
    )
    gaps = [f"{start + width / 2:%Y-%m-%dT%H:%M:%S}" for start in a.heat_gaps]
    hatched = go.Bar(
        x=gaps,
        y=[len(rows)] * len(gaps),
        base=-0.5,
        width=width_ms,
        marker=theme.HATCHED,
        hoverinfo="skip",
    )
    return theme.figure(
        hatched,
        cells,
        height=56 + ROW * max(6, len(rows)),
        xaxis=theme.time_axis(a),
        yaxis={
            "range": [len(rows) - 0.5, -0.5],
            "tickvals": list(range(len(rows))),
            "ticktext": [theme.short(row.name) for row in rows],
            "tickfont": {"size": 10, "color": theme.SOFT},
            "showgrid": False,
        },
        margin={"l": 148},
        bargap=0,
        annotations=theme.before_history(a),
        # a cell leads to the vessel's runs of that time: the two halves of the address
        meta={
            "links": [paths.runs(vessel_id=row.vessel_id) for row in rows],
            "columns": {_label(heat.step, start): _bounds(a, start, paths) for start in heat.starts},
        },
    )


def _label(step: Step, start: datetime) -> str:
    """As plotly gives it back when a cell is clicked."""
    return f"{start:%Y-%m-%d %H:%M}" if step is Step.HOUR else f"{start:%Y-%m-%d}"


def _bounds(a: Analytics, start: datetime, paths: Paths) -> str:
    """What of a column lies in the period."""
    since = max(start, a.period.since)
    until = min(start + WIDTHS[a.heat_map.step], a.period.until)
    return "&" + paths.runs(since=f"{since:%Y-%m-%dT%H:%MZ}", until=f"{until:%Y-%m-%dT%H:%MZ}").partition("?")[2]
