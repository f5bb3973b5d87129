"""A vessel's status over time: its equipment, its link, and each device; equal neighbours merged, gaps hatched."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from dash import html
from dash.development.base_component import Component

from fleetdash.domain.status import SyncStatus
from fleetdash.domain.status_history import (
    EquipmentSpan,
    Span,
    StatusChanged,
    UnansweredPings,
    VesselTimeline,
    total,
)
from fleetdash.domain.wording import count
from fleetdash.web import ids
from fleetdash.web.attributes import attributes
from fleetdash.web.statuses import SYNC
from fleetdash.web.text import formats
from fleetdash.web.views import fields, states
from fleetdash.web.views.badges import device_badge, shape, sync_badge
from fleetdash.web.views.timeline_pings import Scale, share, unanswered_of_device, unanswered_of_devices

DAYS = {"1": "Last 24 hours", "7": "Last 7 days", "30": "Last 30 days"}
"""The choices, the default first."""

_NOTHING = "Unknown"
_CHANGES_SHOWN = 100
_WIDE_ENOUGH = 3
"""Percent of the whole, for an icon."""

EQUIPMENT, LINK_AND_DATA = "Equipment", "Link and data"
"""The rows of the vessel as a whole."""


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
    scale = Scale(found.start, found.end)
    rows = [_equipment(found, scale), _line(LINK_AND_DATA, "", found.spans, scale)]
    rows += [_line(each.component, each.ip_address, each.spans, scale, each.unanswered) for each in found.devices]
    return html.Div(
        html.Div([_axis(found.start, found.end), *rows, _key(found, scale)], className="run-chart"),
        className="chart-scroll",
    )


def _key(found: VesselTimeline, scale: Scale) -> Component:
    """Only what is drawn."""
    drawn = {span.status for each in (found.spans, *(device.spans for device in found.devices)) for span in each}
    styles = [html.Span([shape(style), style.word]) for status, style in SYNC.items() if status in drawn]
    if any(scale.within(device.unanswered) for device in found.devices):
        styles.append(html.Span([html.I(className="chain-key is-failed"), "Unanswered pings"]))
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


def _line(
    name: str, address: str, spans: Sequence[Span], scale: Scale, unanswered: Sequence[UnansweredPings] = ()
) -> Component:
    shown = scale.within(unanswered)
    bars = [_segment(span, scale) for span in spans if span.status is not None]
    words = _in_words(spans) + (f"; unanswered pings in {count(len(shown), 'hour')}" if shown else "")
    return _row(name, address, [*bars, *unanswered_of_device(shown, scale)], words)


def _equipment(found: VesselTimeline, scale: Scale) -> Component:
    """How much of the equipment was down, whatever is known of the rest."""
    bars = [_share(span, scale) for span in found.equipment if span.fresh]
    down = _lasted(span for span in found.equipment if span.down)
    unknown = _lasted(span for span in found.equipment if not span.fresh)
    words = (f"devices down for {down}" if down else "no device known to be down") + (
        f", nothing known for {unknown}" if unknown else ""
    )
    marks = unanswered_of_devices([scale.within(device.unanswered) for device in found.listed], scale)
    return _row(EQUIPMENT, "", [*bars, *marks], words)


def _lasted(spans: Iterable[EquipmentSpan]) -> str:
    seconds = sum((span.end - span.start).total_seconds() for span in spans)
    return formats.duration(seconds) if seconds else ""


def _row(name: str, address: str, bars: list[Component], words: str) -> Component:
    label: list[Any] = [name, html.Small(f" {address}")] if address else [html.Strong(name)]
    named = f"{name} {address}".rstrip()
    bar = html.Div(bars, className="state-bar", role="img", **attributes({"aria-label": f"{named}: {words}"}))
    return html.Div([html.Span(label, title=named), bar], className="chart-line is-two")


def _segment(span: Span, scale: Scale) -> Component:
    assert span.status is not None
    style = SYNC[span.status]
    return _state(span, scale, f"tone-{style.tone}", style.icon, style.word)


def _share(span: EquipmentSpan, scale: Scale) -> Component:
    """Red from below, as high as the share of devices that are down."""
    style = SYNC[SyncStatus.DOWN if span.down else SyncStatus.OPERATIONAL]
    words = f"{span.down} of {span.fresh} devices with fresh data down"
    height = {"--down-share": share(span.down, span.fresh)}
    return _state(span, scale, "is-equipment", style.icon, words, height)


def _state(
    span: Span | EquipmentSpan, scale: Scale, kind: str, icon: str, words: str, style: dict[str, str] | None = None
) -> Component:
    left, right = scale.percent(span.start), scale.percent(span.end)
    lasted = formats.duration((span.end - span.start).total_seconds())
    return html.Span(
        html.I(className=f"bi bi-{icon}") if right - left > _WIDE_ENOUGH else None,
        className=f"state {kind}",
        title=f"{words}: {_moment(span.start)} to {_moment(span.end)}, {lasted}",
        # both edges, not a width: neighbours are then rounded to the same pixel
        style={"left": f"{left:.3f}%", "right": f"{100 - right:.3f}%", **(style or {})},
    )


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
        change.ip_address or LINK_AND_DATA,
        badge(change.old) if change.old else "unknown",
        badge(change.new),
    )
    return html.Tr([html.Td(cell) for cell in cells])
