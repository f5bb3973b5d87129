"""A status as an icon, a word and a colour, with its meaning in the tooltip."""

from dash import html
from dash.development.base_component import Component

from fleetdash.domain.runs import RunStatus
from fleetdash.domain.status import ServiceStatus, SyncStatus
from fleetdash.web.attributes import attributes
from fleetdash.web.statuses import DEVICE_SYNC, RUN, SERVICE, SYNC, StatusStyle


def icon(name: str) -> Component:
    """One of Bootstrap's icons; decoration, since a word is always beside it."""
    return html.I(className=f"bi bi-{name}", **attributes({"aria-hidden": "true"}))


def shape(style: StatusStyle) -> Component:
    """The coloured shape with its icon."""
    return html.I(className=f"bi bi-{style.icon} shape tone-{style.tone}", **attributes({"aria-hidden": "true"}))


def sync_badge(status: SyncStatus) -> Component:
    """A vessel's sync status."""
    return _badge(SYNC[status], "sync-status", {"data-sync-status": status.value})


def device_badge(status: SyncStatus) -> Component:
    """A device's sync status."""
    return _badge(DEVICE_SYNC[status], "sync-status", {"data-sync-status": status.value})


def service_badge(status: ServiceStatus) -> Component:
    """A vessel's service status."""
    return _badge(SERVICE[status], "service-status", {"data-status": status.value})


def run_badge(status: RunStatus) -> Component:
    """A run's status."""
    return _badge(RUN[status], "run-status", {})


def _badge(style: StatusStyle, kind: str, data: dict[str, str]) -> Component:
    # as few components as possible: there are hundreds of badges, and each component costs the browser time
    return html.Span(
        [shape(style), style.word], className=f"{kind} badge-line", title=style.explanation, **attributes(data)
    )
