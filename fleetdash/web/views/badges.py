"""A status as an icon, a word and a colour, with its meaning in the tooltip."""

from dash import html
from dash.development.base_component import Component

from fleetdash.domain.runs import RunStatus
from fleetdash.domain.status import ServiceStatus, SyncStatus
from fleetdash.web.attributes import attributes
from fleetdash.web.statuses import RUN, SERVICE, SYNC, Look


def icon(name: str) -> Component:
    """One of Bootstrap's icons; decoration, since a word always stands beside it."""
    return html.I(className=f"bi bi-{name}", **attributes({"aria-hidden": "true"}))


def shape(look: Look) -> Component:
    """The coloured shape that an icon stands in."""
    return html.Span(icon(look.icon), className=f"shape tone-{look.tone}")


def sync_badge(status: SyncStatus, detail: str = "") -> Component:
    """Any sync status."""
    look = SYNC[status]
    return html.Span(
        [shape(look), html.Span(look.word, className="badge-word")],
        className="sync-status badge-line",
        title=" ".join(filter(None, [look.explanation, detail])),
        **attributes({"data-sync-status": status.value}),
    )


def service_badge(status: ServiceStatus) -> Component:
    """A vessel's service status."""
    look = SERVICE[status]
    return html.Span(
        [shape(look), html.Span(look.word, className="badge-word")],
        className="service-status badge-line",
        title=look.explanation,
        **attributes({"data-status": status.value}),
    )


def run_badge(status: RunStatus) -> Component:
    """A run's status."""
    look = RUN[status]
    return html.Span(
        [shape(look), html.Span(look.word, className="badge-word")],
        className="run-status badge-line",
        title=look.explanation,
    )
