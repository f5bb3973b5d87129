"""A period -> plotly figures. Colours are the stylesheet's: `var(--accent)` becomes one in the browser, by theme."""

from collections.abc import Callable

import plotly.graph_objects as go

from fleetdash.domain.analytics.summary import Analytics
from fleetdash.web import ids
from fleetdash.web.figures.heat import sync_history
from fleetdash.web.figures.ranked import outages, reliability
from fleetdash.web.figures.sla import sla
from fleetdash.web.figures.timelines import duration, retries, success_rate
from fleetdash.web.paths import Paths

FIGURES: dict[str, Callable[[Analytics, Paths], go.Figure | None]] = {
    ids.CHART_SUCCESS_RATE: success_rate,
    ids.CHART_DURATION: duration,
    ids.CHART_RETRIES: retries,
    ids.CHART_RELIABILITY: reliability,
    ids.CHART_SLA: sla,
    ids.CHART_OUTAGES: outages,
    ids.CHART_SYNC_HISTORY: sync_history,
}
"""`None` where there is nothing to draw."""
