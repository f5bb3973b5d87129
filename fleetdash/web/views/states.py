"""Empty, missing and broken: each has a sentence and a way on."""

from typing import Any

from dash import html
from dash.development.base_component import Component

from fleetdash.web.views.badges import icon


def empty(sentence: str, *way_on: Any) -> Component:
    """Nothing to show, and why."""
    return html.Div([html.P(sentence), *way_on], className="empty-state")


def load_error(region: str) -> Component:
    """A part that could not be loaded; the rest of the page stays up."""
    return html.Div(
        [
            icon("exclamation-triangle"),
            html.P(
                f"{region} could not be loaded. What else is on the page is current; the log of fleetdash says why."
            ),
            html.Button("Try again", className="retry button"),
        ],
        className="load-error",
        role="alert",
    )


def not_found(what: str, link: Component) -> Component:
    """An address that leads nowhere."""
    return html.Section([html.H1("Nothing here"), html.P(what), link], className="empty-state")
