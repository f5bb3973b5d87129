"""A vessel's devices, one by one: address, status and figures, and the day as a strip."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dash import html
from dash.development.base_component import Component

from fleetdash.domain.fleet import UNASSIGNED
from fleetdash.domain.read_models import DeviceReport
from fleetdash.domain.status import SYNC_ORDER, SyncStatus
from fleetdash.web import ids
from fleetdash.web.attributes import attributes
from fleetdash.web.statuses import DEVICE_SYNC
from fleetdash.web.text import formats
from fleetdash.web.views import fields, states
from fleetdash.web.views.badges import device_badge, icon
from fleetdash.web.views.day_strip import strip

Key = Callable[[DeviceReport], Any]


def _time(value: datetime | None) -> float | None:
    return None if value is None else value.timestamp()


def _address(device: DeviceReport) -> tuple[Any, ...]:
    """Addresses by their numbers: .2 before .10; names after them."""
    return tuple(
        (0, int(part), "") if part.isascii() and part.isdigit() else (1, 0, part)
        for part in device.ip_address.split(".")
    )


COLUMNS: dict[str, tuple[str, Key]] = {
    "component": ("Component", lambda device: (device.component, _address(device))),
    "address": ("IP address", _address),
    "urgency": ("Status", lambda device: SYNC_ORDER[device.observed_status]),
    "uptime": ("Uptime", lambda device: device.uptime_percent),
    "answered": ("Answered", lambda device: device.successful_pings),
    "coverage": ("Recorded", lambda device: device.coverage_percent),
    "response": ("Response", lambda device: device.average_response_ms),
    "last_ping": ("Last ping", lambda device: _time(device.last_ping_at)),
    "last_answer": ("Last answer", lambda device: _time(device.last_success_at)),
    "down_since": ("Down since", lambda device: _time(device.down_since)),
}
"""Title and sort key of each column that can be sorted by."""

DEFAULT_COLUMN = "urgency"

_FIGURES = {"uptime", "answered", "coverage", "response"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which devices are shown, and in which order."""

    column: str = DEFAULT_COLUMN
    descending: bool = False
    status: str = ""
    search: str = ""

    def matches(self, device: DeviceReport) -> bool:
        text = self.search.casefold()
        found = not text or text in device.ip_address.casefold() or text in device.component.casefold()
        return found and self.status in ("", device.sync_status)


MakeRow = Callable[[DeviceReport], Any]


def device_list(devices: Sequence[DeviceReport], wanted: Wanted, make: MakeRow | None = None) -> list[Component]:
    """The filters, and every device that they leave; `make` makes a row, `row` where it is not given."""
    if not devices:
        return [states.empty("The fleet file lists no device of this vessel, and the vessel reports none.")]
    return [_filters(), device_table(devices, wanted, make)]


def device_table(devices: Sequence[DeviceReport], wanted: Wanted, make: MakeRow | None = None) -> Component:
    """Every device that is wanted; ties in the fleet file's order."""
    shown = [device for device in devices if wanted.matches(device)]
    if not shown:
        return states.empty(f"None of the {len(devices)} devices matches.")
    column = wanted.column if wanted.column in COLUMNS else DEFAULT_COLUMN
    head = [*(_heading(name, column, wanted.descending) for name in COLUMNS), _day_heading()]
    return html.Div(
        html.Table(
            [
                html.Caption(f"{len(shown)} of {len(devices)} devices", className="visually-hidden"),
                html.Thead(html.Tr(head, role="row"), role="rowgroup"),
                html.Tbody(
                    [(make or row)(device) for device in _ordered(shown, column, wanted.descending)], role="rowgroup"
                ),
            ],
            className="table-plain device-table",
            # in so many words, since the boxes of a long one are no table's
            role="table",
        ),
        className="table-scroll",
        tabIndex=0,
        role="region",
        **attributes({"aria-label": "Devices"}),
    )


def _ordered(devices: Sequence[DeviceReport], column: str, descending: bool) -> list[DeviceReport]:
    """Up or down, what the fleet file does not name comes last, and what has no value last before it."""
    _, key = COLUMNS[column]
    known = sorted((d for d in devices if key(d) is not None), key=key, reverse=descending)
    everything = known + [device for device in devices if key(device) is None]
    return sorted(everything, key=lambda device: device.component == UNASSIGNED)


def _filters() -> Component:
    choices = {fields.ALL: "All devices"}
    of_devices = (status for status in SyncStatus if status is not SyncStatus.PARTIAL_SYNC)
    choices |= {status.value: DEVICE_SYNC[status].word for status in of_devices}
    return html.Div(
        [
            fields.text(ids.DEVICE_SEARCH, "device_q", "Search devices", "Component or IP address"),
            fields.select(ids.DEVICE_FILTER, "device", "Show devices that are", choices),
        ],
        className="filter-bar",
    )


def _heading(name: str, sorted_by: str, descending: bool) -> Component:
    title, _ = COLUMNS[name]
    direction = "none" if name != sorted_by else "descending" if descending else "ascending"
    arrow = {"none": "arrow-down-up", "ascending": "arrow-up", "descending": "arrow-down"}[direction]
    return html.Th(
        html.Button(
            [title, icon(arrow)],
            id=f"{ids.DEVICE_SORT}-{name}",
            className="sort-button",
            **attributes({"data-sort": name}),
        ),
        scope="col",
        role="columnheader",
        className="figure-cell" if name in _FIGURES else "",
        **attributes({"aria-sort": direction}),
    )


def _day_heading() -> Component:
    return html.Th("Last 24 hours", scope="col", role="columnheader")


def row(device: DeviceReport) -> Component:
    """One device."""
    return html.Tr(
        [
            _cell(device.component, "cell-component"),
            _cell(_address_cell(device), "cell-address"),
            _cell(_status_cell(device)),
            _cell(_uptime(device), "figure-cell"),
            _cell(f"{device.successful_pings:,} / {device.ping_count:,}", "figure-cell"),
            _cell(_coverage(device), "figure-cell"),
            _cell(_response(device), "figure-cell"),
            _cell(_moment(device.last_ping_at, "No ping of this device was ever recorded.")),
            _cell(_moment(device.last_success_at, "No ping was answered in the look-back.")),
            _cell(_down_since(device)),
            _cell(strip(device.hours)),
        ],
        role="row",
        **attributes({"data-ip-address": device.ip_address, "data-sync-status": device.sync_status.value}),
    )


def _cell(content: Any, kind: str = "") -> Component:
    return html.Td(content, role="cell", className=kind)


def _address_cell(device: DeviceReport) -> Component:
    return html.Span(
        [
            html.Span(device.ip_address, className="ip-address", title=device.ip_address),
            html.Button(
                icon("copy"),
                className="copy-button",
                title="Copy the address",
                **attributes({"data-copy": device.ip_address, "aria-label": f"Copy {device.ip_address}"}),
            ),
        ],
        className="address",
    )


def _status_cell(device: DeviceReport) -> list[Component]:
    """Of a vessel that was not reached, the device's last known status is shown as such."""
    if device.sync_status is SyncStatus.SYNC_FAILED and device.observed_at is not None:
        was = DEVICE_SYNC[device.observed_status].word.lower()
        return [device_badge(device.sync_status), html.Small(["was ", was, " ", formats.age(device.observed_at)])]
    return [device_badge(device.sync_status)]


def _uptime(device: DeviceReport) -> Component:
    if device.uptime_percent is None:
        return formats.missing("No pings recorded, so uptime cannot be calculated.")
    return formats.number(formats.percent(device.uptime_percent), "%")


def _coverage(device: DeviceReport) -> Component:
    if device.coverage_percent is None:
        return formats.missing("The vessel never answered, so the number of pings recorded is unknown.")
    return formats.number(formats.percent(device.coverage_percent), "%")


def _response(device: DeviceReport) -> Component:
    if device.average_response_ms is None:
        return formats.missing("No answered ping of the last day has a response time.")
    return formats.number(formats.milliseconds(device.average_response_ms), "ms")


def _moment(moment: datetime | None, why_missing: str) -> Component:
    return formats.age(moment) if moment else formats.missing(why_missing)


def _down_since(device: DeviceReport) -> Any:
    if device.down_since is None:
        return ""
    lead = html.Small("at least since ") if device.down_since_is_bound else None
    return html.Span(
        [lead, formats.minute(device.down_since), html.Small([" ", formats.span_since(device.down_since)])],
        className="down-since",
    )
