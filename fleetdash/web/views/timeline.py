"""A vessel's status over time: a bar for it and one per device, equal neighbours merged, gaps hatched."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from dash import html
from dash.development.base_component import Component

from fleetdash.domain.status import SyncStatus
from fleetdash.domain.status_history import Span, StatusChanged, VesselTimeline, total
from fleetdash.web import ids
from fleetdash.web.attributes import attributes
from fleetdash.web.statuses import SYNC
from fleetdash.web.text import formats
from fleetdash.web.views import fields, states
from fleetdash.web.views.badges import device_badge, shape, sync_badge

DAYS = {"1": "Last 24 hours", "7": "Last 7 days", "30": "Last 30 days"}
"""The choices, the default first."""

_NOTHING = "Unknown"
_CHANGES_SHOWN = 100
_WIDE_ENOUGH = 0.03
"""Of the whole, for an icon."""


def timeline(found: VesselTimeline) -> list[Component]:
    """The choice of the period is a part of its own, so that a refresh does not replace it."""
    return [
        html.Div(
            [
                fields.select(
                    ids.TIMELINE_DAYS, "days", "Show", {fields.ALL: DAYS["1"], "7": DAYS["7"], "30": DAYS["30"]}
                )
            ],
            className="filter-bar",
        ),
        _chart(found),
        html.H3("Changes"),
        _changes(found.changes),
    ]


def _chart(found: VesselTimeline) -> Component:
    whole = (found.end - found.start).total_seconds()
    rows = [_line("This vessel", "", found.spans, whole)]
    rows += [_line(device.component, device.ip_address, device.spans, whole) for device in found.devices]
    return html.Div(
        html.Div([_axis(found.start, found.end), *rows, _key(found)], className="run-chart"),
        className="chart-scroll",
    )


def _key(found: VesselTimeline) -> Component:
    """Only what is drawn."""
    drawn = {span.status for each in (found.spans, *(device.spans for device in found.devices)) for span in each}
    styles = [html.Span([shape(style), style.word]) for status, style in SYNC.items() if status in drawn]
    if None in drawn:
        styles.append(html.Span([html.I(className="chain-key is-unknown"), _NOTHING]))
    return html.Div(styles, className="chart-key")


def _axis(start: datetime, end: datetime) -> Component:
    whole = (end - start).total_seconds()
    labels = [
        html.Span(
            formats.clock(tick) if whole <= 2 * 86400 else formats.day(tick),
            style={"left": f"{100 * (tick - start).total_seconds() / whole:.2f}%"},
        )
        for tick in _ticks(start, end)
    ]
    return html.Div([html.Span(), html.Div(labels)], className="chart-line chart-axis is-two")


def _ticks(start: datetime, end: datetime) -> Iterator[datetime]:
    """Round hours or days, six or so."""
    days = (end - start) / timedelta(days=1)
    step = timedelta(hours=4) if days <= 2 else timedelta(days=max(1, round(days / 6)))
    tick = start.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    while tick < end:
        if tick > start + (end - start) / 50:
            yield tick
        tick += step


def _line(name: str, address: str, spans: Sequence[Span], whole: float) -> Component:
    label: list[Any] = [name, html.Small(f" {address}")] if address else [html.Strong(name)]
    start = spans[0].start
    bar = html.Div(
        [_segment(span, start, whole) for span in spans if span.status is not None],
        className="state-bar",
        role="img",
        **attributes({"aria-label": f"{name} {address}: {_in_words(spans)}"}),
    )
    return html.Div([html.Span(label, title=f"{name} {address}"), bar], className="chart-line is-two")


def _segment(span: Span, start: datetime, whole: float) -> Component:
    assert span.status is not None
    style = SYNC[span.status]
    lasted = formats.duration((span.end - span.start).total_seconds())
    left, width = ((moment - before).total_seconds() / whole for moment, before in _edges(span, start))
    return html.Span(
        html.I(className=f"bi bi-{style.icon}") if width > _WIDE_ENOUGH else None,
        className=f"state tone-{style.tone}",
        title=f"{style.word}: {_moment(span.start)} to {_moment(span.end)}, {lasted}",
        style={"left": f"{100 * left:.3f}%", "width": f"{100 * width:.3f}%"},
    )


def _edges(span: Span, start: datetime) -> Iterator[tuple[datetime, datetime]]:
    yield span.start, start
    yield span.end, span.start


def _in_words(spans: Sequence[Span]) -> str:
    return ", ".join(
        f"{_word(status)} for {formats.duration(time.total_seconds())}" for status, time in total(spans).items()
    )


def _word(status: SyncStatus | None) -> str:
    return SYNC[status].word if status else _NOTHING


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _changes(changes: Sequence[StatusChanged]) -> Component:
    if not changes:
        return states.empty("No status changed in this period.")
    shown = changes[:_CHANGES_SHOWN]
    left_out = "" if len(shown) == len(changes) else f", the newest {len(shown)} of {len(changes)}"
    head = html.Tr([html.Th(name, scope="col") for name in ("When", "What", "Was", "Became")])
    table = html.Table(
        [
            html.Caption(f"Changes, newest first{left_out}", className="visually-hidden" if not left_out else ""),
            html.Thead(head),
            html.Tbody([_change(change) for change in shown]),
        ],
        className="table-plain",
    )
    label = attributes({"aria-label": "Changes of status"})
    return html.Div(table, className="table-scroll", tabIndex=0, role="region", **label)


def _change(change: StatusChanged) -> Component:
    badge = device_badge if change.ip_address else sync_badge
    cells = (
        formats.time(change.at),
        change.ip_address or "This vessel",
        badge(change.old) if change.old else "unknown",
        badge(change.new),
    )
    return html.Tr([html.Td(cell) for cell in cells])
