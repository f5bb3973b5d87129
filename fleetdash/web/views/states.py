"""Empty, missing and failed: each has a sentence and a next step."""

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
                f"Could not load {region[:1].lower()}{region[1:]}. "
                "The rest of the page is current. Details are in the server log."
            ),
            html.Button("Try again", className="retry button"),
        ],
        className="load-error",
        role="alert",
    )


def not_found(what: str, link: Component) -> Component:
    """An address without a page, a vessel or a run."""
    return html.Section([html.H1("Page not found"), html.P(what), link], className="empty-state")
