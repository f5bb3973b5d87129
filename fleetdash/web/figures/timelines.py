"""Runs over time: success, duration, retries, on one axis of time."""

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from fleetdash.domain.analytics.summary import Analytics
from fleetdash.domain.analytics.time_buckets import TimeBucket
from fleetdash.domain.wording import count
from fleetdash.web.figures import theme
from fleetdash.web.paths import Paths
from fleetdash.web.text import formats
from fleetdash.web.text import period_formats as times


def success_rate(a: Analytics, paths: Paths) -> go.Figure | None:
    """The share of checks that reached the vessel; a gap where there were none."""
    rates = [each.vessel_success_rate_percent for each in a.time_buckets]
    known = [rate for rate in rates if rate is not None]
    if not known:
        return None
    axis = theme.percent_axis(known)
    line = go.Scatter(
        x=[theme.middle(each) for each in a.time_buckets],
        y=rates,
        mode="lines+markers",
        line={"color": theme.ACCENT, "width": 2},
        marker={"size": theme.dots(rates), "color": theme.ACCENT},
        connectgaps=False,
        customdata=[theme.runs_of(each, paths) for each in a.time_buckets],
        hovertext=[_success_words(a, each) for each in a.time_buckets],
        hoverinfo="text",
        name="answered",
    )
    return theme.figure(
        theme.gaps(a, axis["range"][0], 100),
        line,
        xaxis=theme.time_axis(a),
        yaxis=axis,
        annotations=theme.before_history(a),
        bargap=0,
    )


def _success_words(a: Analytics, each: TimeBucket) -> str:
    return (
        f"<b>{times.when(each, a.step)}</b><br>"
        f"{each.vessels_reached:,} of {count(each.vessels_asked, 'check')} reached the vessel "
        f"({formats.percent(each.vessel_success_rate_percent)} %)<br>"
        f"{each.completed_runs} of {count(each.total_runs, 'run')} reached every vessel"
    )


def duration(a: Analytics, paths: Paths) -> go.Figure | None:
    """The median, the band that holds the middle 80 % of the runs, and the slow runs."""
    known = [each for each in a.time_buckets if each.median_seconds is not None]
    if not known:
        return None
    top = 1.08 * max(each.slowest_seconds or 0 for each in known)
    x = [theme.middle(each) for each in a.time_buckets]
    medians = [each.median_seconds for each in a.time_buckets]
    slow = [each for each in a.time_buckets if each.slow_runs and each.slowest_seconds is not None]
    traces = [theme.gaps(a, 0, top), *_bands(a.time_buckets)]
    traces.append(
        go.Scatter(
            x=x,
            y=medians,
            mode="lines+markers",
            line={"color": theme.ACCENT, "width": 2},
            marker={"size": theme.dots(medians), "color": theme.ACCENT},
            customdata=[theme.runs_of(each, paths) for each in a.time_buckets],
            hovertext=[_duration_words(a, each) for each in a.time_buckets],
            hoverinfo="text",
            name="median",
        )
    )
    traces.append(
        go.Scatter(
            x=[theme.middle(each) for each in slow],
            y=[each.slowest_seconds for each in slow],
            mode="markers",
            marker={"symbol": "diamond", "size": 8, "color": theme.BAD, "line": {"width": 1, "color": theme.SURFACE}},
            customdata=[theme.runs_of(each, paths) for each in slow],
            hovertext=[
                f"<b>{times.when(each, a.step)}</b><br>{count(each.slow_runs, 'slow run')}, "
                f"the longest took {formats.duration(each.slowest_seconds)}"
                for each in slow
            ],
            hoverinfo="text",
            name="slow",
        )
    )
    return theme.figure(
        *traces,
        xaxis=theme.time_axis(a),
        yaxis={"range": [0, top], "ticksuffix": " s", "nticks": 6},
        annotations=theme.before_history(a),
        bargap=0,
    )


def _bands(time_buckets: tuple[TimeBucket, ...]) -> list[go.Scatter]:
    """A filled shape would close over a gap: each unbroken part has one of its own."""
    parts: list[list[TimeBucket]] = [[]]
    for each in time_buckets:
        if each.low_seconds is None:
            parts.append([])
        else:
            parts[-1].append(each)
    return [_band(part) for part in parts if len(part) > 1]


def _band(part: list[TimeBucket]) -> go.Scatter:
    x = [theme.middle(each) for each in part]
    return go.Scatter(
        x=x + x[::-1],
        y=[each.high_seconds for each in part] + [each.low_seconds for each in reversed(part)],
        mode="lines",
        line={"width": 0},
        fill="toself",
        fillcolor="var(--band)",
        hoverinfo="skip",
        name="usual",
    )


def _duration_words(a: Analytics, each: TimeBucket) -> str:
    return (
        f"<b>{times.when(each, a.step)}</b><br>"
        f"median {formats.duration(each.median_seconds)}, usually "
        f"{formats.duration(each.low_seconds)} to {formats.duration(each.high_seconds)}<br>"
        f"longest of {count(each.total_runs, 'run')}: {formats.duration(each.slowest_seconds)}"
    )


def retries(a: Analytics, paths: Paths) -> go.Figure | None:
    """How many, and the time in them: two panels on the same axis of time."""
    if not any(each.total_runs for each in a.time_buckets):
        return None
    scale, unit = (3600, "h") if max(each.retry_seconds for each in a.time_buckets) >= 7200 else (60, "min")
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.1)
    for row, values in (
        (1, [each.retry_attempts for each in a.time_buckets]),
        (2, [each.retry_seconds / scale for each in a.time_buckets]),
    ):
        top = 1.08 * max(*values, 0.001)
        figure.add_trace(theme.gaps(a, 0, top), row=row, col=1)
        figure.add_trace(_bars(a, values, paths), row=row, col=1)
        figure.update_yaxes(range=[0, top], nticks=4, row=row, col=1)
    figure.update_yaxes(ticksuffix=f" {unit}", row=2, col=1)
    figure.update_xaxes(**theme.time_axis(a))
    names = [
        {"text": text, "x": 0, "xref": "paper", "y": y, "yref": "paper", "xanchor": "left", "yanchor": "bottom"}
        for text, y in (("retries", 1.0), (f"{'hours' if unit == 'h' else 'minutes'} spent retrying", 0.45))
    ]
    for name in names:
        name |= {"showarrow": False, "font": {"color": theme.SOFT}}
    figure.update_layout(
        template=theme.TEMPLATE,
        height=268,
        barmode="overlay",
        bargap=0,
        margin={"t": 20},
        annotations=[*names, *theme.before_history(a, y=0.8)],
    )
    return figure


def _bars(a: Analytics, values: list[float] | list[int], paths: Paths) -> go.Bar:
    return go.Bar(
        x=[theme.middle(each) for each in a.time_buckets],
        y=values,
        width=[0.8 * theme.width_ms(each) for each in a.time_buckets],
        marker={"color": theme.ACCENT, "line": {"width": 0}},
        customdata=[theme.runs_of(each, paths) for each in a.time_buckets],
        hovertext=[
            f"<b>{times.when(each, a.step)}</b><br>{count(each.retry_attempts, 'retry', 'retries')}, "
            f"{formats.duration(each.retry_seconds)} in all<br>in {count(each.total_runs, 'run')}"
            for each in a.time_buckets
        ],
        hoverinfo="text",
    )
