"""Ranked bars with their words beside them: vessels by reliability, outages by length."""

import plotly.graph_objects as go

from fleetdash.domain.analytics.outage import Outage
from fleetdash.domain.analytics.summary import Analytics, VesselPerformance
from fleetdash.domain.wording import count
from fleetdash.web.figures import theme
from fleetdash.web.paths import Paths
from fleetdash.web.text import formats
from fleetdash.web.text import narrative as words
from fleetdash.web.text import period_formats as times

MOST = 12
ROW = 22
_CHARACTERS = 75
"""So many fit beside each other into the plot of a chart that has half of the page's width."""


def reliability(a: Analytics, paths: Paths) -> go.Figure | None:
    """Vessels by the share of runs that did not reach them, worst first, with the main reason."""
    rated = [(each, share) for each in a.vessels if (share := each.unreached_percent)]
    worst = sorted(rated, key=lambda pair: (-pair[1], pair[0].name))[:MOST]
    if not worst:
        return None
    return _bars(
        [theme.short(each.name) for each, _ in worst],
        [share for _, share in worst],
        [f"{formats.percent(share)} %  {words.main_reason(each)}" for each, share in worst],
        [_reliability_words(each, share) for each, share in worst],
        [paths.vessel(each.vessel_id) for each, _ in worst],
    )


def _reliability_words(each: VesselPerformance, share: float) -> str:
    reasons = sorted(each.failures.items(), key=lambda item: (-item[1], item[0]))
    lines = [f"{count(times_failed, 'time')} {words.ERRORS[kind]}" for kind, times_failed in reasons]
    return "<br>".join(
        [
            f"<b>{theme.plain(each.name)}</b>",
            f"not reached in {each.unreached:,} of {count(each.runs, 'run')} ({formats.percent(share)} %)",
            *lines,
            count(each.retry_attempts, "retry", "retries"),
        ]
    )


EARLIER = "◀"
"""At the left of a bar that is cut off at the period's beginning."""


def outages(a: Analytics, paths: Paths) -> go.Figure | None:
    """The longest within the period first. A bar shows that part, the words beside it the whole outage."""
    if not a.outages:
        return None
    return _bars(
        [f"{theme.short(each.name)} {EARLIER if each.began_at < a.period.since else ''}" for each in a.outages],
        [each.seconds for each in a.outages],
        [f"{words.lasted(each)}  {words.outage_what(each)}" for each in a.outages],
        [_outage_words(each) for each in a.outages],
        [paths.vessel(each.vessel_id) for each in a.outages],
    )


def _outage_words(each: Outage) -> str:
    began = f"{'at least since' if each.began_is_bound else 'from'} {times.moment(each.began_at)}"
    ended = f"until {times.moment(each.ended_at)} UTC" if each.ended_at else "UTC, not over yet"
    what = theme.plain(words.outage_what(each))
    lasted = f"{words.lasted(each)}, {formats.duration(each.seconds)} of it within the period"
    return f"<b>{theme.plain(each.name)}</b><br>{what}<br>{lasted}<br>{began} {ended}"


def _bars(names: list[str], values: list[float], beside: list[str], hover: list[str], links: list[str]) -> go.Figure:
    """`names` are ready to be drawn, and may be the same twice, so places are numbers."""
    places = list(range(len(names)))
    bars = go.Bar(
        x=values,
        y=places,
        orientation="h",
        marker={"color": theme.ACCENT, "line": {"width": 0}},
        text=[theme.plain(text) for text in beside],
        textposition="outside",
        textfont={"color": theme.INK},
        cliponaxis=False,
        customdata=links,
        hovertext=hover,
        hoverinfo="text",
    )
    return theme.figure(
        bars,
        height=16 + ROW * max(4, len(names)),
        # each bar says its own length
        xaxis={"range": [0, _room(values, beside)], "visible": False},
        yaxis={
            "range": [max(3, len(names) - 1) + 0.5, -0.5],
            "tickvals": places,
            "ticktext": names,
            "showgrid": False,
        },
        margin={"l": 148, "b": 8},
        meta={"ranked": True},
    )


def _room(values: list[float], beside: list[str]) -> float:
    """Where the axis ends, so that each bar has room for the words beside it."""
    shares = (min(0.8, len(text) / _CHARACTERS) for text in beside)
    return max(1.8 * max(values), *(value / (1 - share) for value, share in zip(values, shares, strict=True)))
