"""What to do about a failure, beside its reason."""

from dash import html
from dash.development.base_component import Component

from fleetdash.domain.advice import advice
from fleetdash.domain.runs import ErrorKind


def what_to_do(kind: ErrorKind, about: str = "") -> Component:
    """A paragraph; `about`: which of several failures it is for."""
    return html.P([html.Strong(f"What to do{about}: "), advice(kind)], className="what-to-do")
