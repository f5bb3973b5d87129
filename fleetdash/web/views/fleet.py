"""The fleet: tiles that count and filter, cards worst first, the legend."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from fleetdash.domain.headline import Since, headline, since
from fleetdash.domain.read_models import FleetReport, FleetSummary, VesselReport
from fleetdash.domain.status import ComponentFigures, ServiceStatus, SyncStatus
from fleetdash.web import ids, markup
from fleetdash.web.attributes import attributes
from fleetdash.web.paths import Paths
from fleetdash.web.region import Region
from fleetdash.web.statuses import SERVICE, SYNC, WITH_A_DEVICE_DOWN, StatusStyle
from fleetdash.web.text import formats
from fleetdash.web.views import fields, states
from fleetdash.web.views.badges import service_badge, shape, sync_badge
from fleetdash.web.views.fields import ALL
from fleetdash.web.views.links import inner_link

DOWN_FILTER = "down"
"""Vessels with a device down, whatever their status."""

SYNC_FILTER = "sync:"
"""Service and sync status share a word: this marks a filter by the latter."""


def matches(vessel: VesselReport, search: str, status: str) -> bool:
    """Whether a card is shown. The search finds names, ids and, where they were loaded, IP addresses."""
    if status.startswith(SYNC_FILTER):
        if vessel.sync_status != status.removeprefix(SYNC_FILTER):
            return False
    elif status == DOWN_FILTER:
        if not vessel.devices_down:
            return False
    elif status and vessel.status != status:
        return False
    wanted = search.strip().casefold()
    texts = [vessel.name, vessel.vessel_id, *(device.ip_address for device in vessel.devices or ())]
    return not wanted or any(wanted in text.casefold() for text in texts)


def page(cards: Sequence[str], tiles: Sequence[str]) -> list[Component]:
    """All of the fleet's page; `cards`, `tiles`: parts, as far as they are known."""
    return [
        html.H1("Fleet", className="visually-hidden"),
        Region(ids.FLEET_TILES, tiles),
        Region(ids.FLEET_FILTERS, markup.parts(filter_bar())),
        _print_head(),
        Region(ids.FLEET_GRID, cards),
        Region(ids.FLEET_LEGEND, markup.parts(legend())),
    ]


def filter_bar() -> Component:
    """Search and filters."""
    choices = {ALL: "All vessels", DOWN_FILTER: WITH_A_DEVICE_DOWN.word}
    choices |= {status.value: f"Service: {style.word}" for status, style in SERVICE.items()}
    choices |= {
        SYNC_FILTER + status.value: f"Data: {style.word}"
        for status, style in SYNC.items()
        if status is not SyncStatus.DOWN
    }
    return html.Div(
        [
            fields.text(ids.FLEET_SEARCH, "q", "Search by name, id or IP address", "Name, id or IP address"),
            fields.select(ids.FLEET_FILTER_STATUS, "status", "Show vessels that are", choices),
            fields.select(ids.FLEET_VIEW, "view", "Show them as", {ALL: "As cards", "wall": "As a wall"}),
        ],
        className="filter-bar",
        role="search",
    )


def tiles(fleet: FleetReport, search: str, active: str, paths: Paths) -> Component:
    """Counts by service status and by sync status; each is a link that sets the filter, or removes it.

    A tile counts the vessels that a click on it shows, out of those that the search matches.
    """

    def tile(value: str, style: StatusStyle) -> Component:
        return _tile(value, style, sum(matches(vessel, search, value) for vessel in fleet.vessels), active, paths)

    everything = StatusStyle("list", "All vessels", "none", "Every vessel of the fleet file.")
    every = [tile("", everything), tile(DOWN_FILTER, WITH_A_DEVICE_DOWN)]
    service = [tile(s.value, SERVICE[s]) for s in ServiceStatus]
    # a vessel's sync status is never `down`
    sync = [tile(SYNC_FILTER + s.value, SYNC[s]) for s in SyncStatus if s is not SyncStatus.DOWN]
    return html.Div(
        [
            html.Div([*every, *service], **_group("Service")),
            html.Div(sync, **_group("Data")),
            _figures(fleet.summary),
        ],
        className="tiles",
    )


def _group(label: str) -> dict[str, Any]:
    return {"className": "tile-group", "role": "group", "aria-label": label}


def _tile(value: str, style: StatusStyle, count: int, active: str, paths: Paths) -> Component:
    on = value == active
    return html.A(
        [
            shape(style),
            html.Span(f"{count:,}", className="tile-count"),
            html.Span(style.word, className="tile-word"),
        ],
        href=paths.fleet(status=None if on else value),
        title=style.explanation,
        className="fleet-tile" + (" is-active" if on else "") + (" is-zero" if not count else ""),
        **attributes({"data-filter": value or ALL, "data-nav": "1", "data-keep-query": "q view"}),
        **attributes({"aria-current": "true"} if on else {}),
    )


def _figures(summary: FleetSummary) -> Component:
    uptime, sla = summary.average_uptime_percent, summary.sla_compliance_percent
    return html.Dl(
        [
            *_figure("Devices up", f"{summary.devices_up:,}", f"of {summary.devices_total:,}"),
            *_figure("Down", f"{summary.devices_down:,}"),
            *_figure("No fresh data", f"{summary.devices_silent:,}"),
            *_figure("Mean uptime", formats.percent(uptime), "%"),
            *_figure("Components meeting the SLA", formats.percent(sla), "%"),
        ],
        className="figures",
    )


def _figure(name: str, value: str, unit: str = "") -> list[Component]:
    return [html.Div([html.Dt(name), html.Dd(formats.number(value, unit))])]


def grid(
    fleet: FleetReport, search: str, status: str, paths: Paths, make: Callable[[VesselReport, Paths], Any] | None = None
) -> list[Any]:
    """The cards that the filters leave, worst first; `make` replaces `card`."""
    shown = [vessel for vessel in fleet.vessels if matches(vessel, search, status)]
    if shown:
        return [(make or card)(vessel, paths) for vessel in shown]
    if not fleet.vessels:
        return [states.empty("The fleet file lists no vessels. Add one under [[vessels]] and restart fleetdash.")]
    everything = inner_link("Show all vessels", paths.fleet(), className="button")
    return [states.empty(f"No vessel matches “{search}”." if search else "No vessel matches the filter.", everything)]


def _print_head() -> Component:
    """The stylesheet prints the cards as the rows of a table."""
    columns = [html.Span(word) for word in ("Vessel", "Status", "What is wrong", "Since")]
    return html.Div(columns, className="print-head")


def card(vessel: VesselReport, paths: Paths) -> Component:
    """A vessel in trouble says in one sentence what is wrong."""
    sentence, start = headline(vessel), since(vessel)
    return html.A(
        [
            html.Span(
                [
                    shape(SYNC[SyncStatus.DOWN]) if vessel.devices_down else None,
                    html.Span(vessel.name, className="card-name", title=vessel.name),
                    html.Span(vessel.vessel_id, className="card-id") if vessel.name != vessel.vessel_id else None,
                ],
                className="card-title",
            ),
            html.Span([service_badge(vessel.status), sync_badge(vessel.sync_status)], className="card-badges"),
            html.Span(sentence, className="card-trouble"),
            _since(start),
            html.Span([_component(figures) for figures in vessel.components], className="card-components"),
            html.Span(_footer(vessel), className="card-footer"),
        ],
        href=paths.vessel(vessel.vessel_id),
        className="vessel-card",
        **attributes(
            {
                "data-vessel-id": vessel.vessel_id,
                "data-status": vessel.status.value,
                "data-sync-status": vessel.sync_status.value,
                "data-nav": "1",
                "data-keep-query": "1",
            }
            | ({"data-devices-down": str(vessel.devices_down)} if vessel.devices_down else {})
        ),
    )


def _since(start: Since | None) -> Component:
    if start is None:
        return html.Span(className="card-since")
    on_the_wall = attributes({"data-lead": "for at least " if start.is_bound else "for "})
    return html.Span(dated(start), className="card-since", **on_the_wall)


def dated(start: Since) -> list[Component]:
    """The moment and how long ago it was; the wall has room for the latter only."""
    moment = html.Span([start.lead, " ", formats.minute(start.at), " · "], className="since-when")
    return [moment, formats.span_since(start.at)]


def _component(figures: ComponentFigures) -> Component:
    verdict = {None: "unknown", True: "met", False: "missed"}[figures.meets_sla]
    uptime = formats.percent(figures.uptime_percent)
    return html.Span(
        f"{figures.component} {uptime}" + ("" if figures.uptime_percent is None else "\u202f%"),
        className=f"card-component sla-{verdict}",
        title=f"{figures.component}: {figures.devices_up} up, {figures.devices_down} down, "
        f"{figures.devices_silent} without fresh data; service level {verdict}",
    )


def _footer(vessel: VesselReport) -> list[Component]:
    counts = {"up": vessel.devices_up, "down": vessel.devices_down, "without fresh data": vessel.devices_silent}
    devices = " · ".join(f"{count} {word}" for word, count in counts.items() if count) or "no devices"
    when: Any = ["data from ", formats.age(vessel.observed_at)] if vessel.observed_at else "never answered"
    return [html.Span(devices, className="card-devices"), html.Span(when)]


def legend() -> Component:
    """Every status explained."""
    return html.Details(
        [
            html.Summary("What the statuses mean"),
            html.Div(
                [
                    _explained("Data: how current our knowledge is", SYNC.values()),
                    _explained("Service: how well the equipment serves", SERVICE.values()),
                ],
                className="legend-columns",
            ),
        ],
        id=ids.STATUS_LEGEND,
        open=True,
    )


def _explained(title: str, styles: Iterable[StatusStyle]) -> Component:
    rows = [html.Div([html.Dt([shape(style), style.word]), html.Dd(style.explanation)]) for style in styles]
    return html.Section([html.H2(title), html.Dl(rows)])
