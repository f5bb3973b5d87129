"""A status as an icon, a word and a colour, with its meaning in the tooltip."""

from dash import html
from dash.development.base_component import Component

from fleetdash.domain.runs import RunStatus
from fleetdash.domain.status import ServiceStatus, SyncStatus
from fleetdash.web.attributes import attributes
from fleetdash.web.statuses import RUN, SERVICE, SYNC, StatusStyle


def icon(name: str) -> Component:
    """One of Bootstrap's icons; decoration, since a word always stands beside it."""
    return html.I(className=f"bi bi-{name}", **attributes({"aria-hidden": "true"}))


def shape(look: StatusStyle) -> Component:
    """The coloured shape with its icon."""
    return html.I(className=f"bi bi-{look.icon} shape tone-{look.tone}", **attributes({"aria-hidden": "true"}))


def sync_badge(status: SyncStatus, detail: str = "") -> Component:
    """Any sync status."""
    title = " ".join(filter(None, [SYNC[status].explanation, detail]))
    return _badge(SYNC[status], "sync-status", title, {"data-sync-status": status.value})


def service_badge(status: ServiceStatus) -> Component:
    """A vessel's service status."""
    return _badge(SERVICE[status], "service-status", SERVICE[status].explanation, {"data-status": status.value})


def run_badge(status: RunStatus) -> Component:
    """A run's status."""
    return _badge(RUN[status], "run-status", RUN[status].explanation, {})


def _badge(look: StatusStyle, kind: str, title: str, data: dict[str, str]) -> Component:
    # as few components as can be: the browser's work grows with their number, and there are hundreds of badges
    return html.Span([shape(look), look.word], className=f"{kind} badge-line", title=title, **attributes(data))
