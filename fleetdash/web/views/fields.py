"""Fields of filters. Their values are in the address, from which the script fills them in."""

from typing import Any

from dash import html
from dash.development.base_component import Component

from fleetdash.web.attributes import attributes
from fleetdash.web.markup import Input

ALL = "all"
"""No filter."""


def select(id: str, key: str, label: str, choices: dict[str, str]) -> Component:
    """`choices`: words by value, the first one of them for no filter."""
    options = [html.Option(word, value=value) for value, word in choices.items()]
    given = attributes({"data-query": key, "autoComplete": "off"})
    return _labelled(label, html.Select(options, id=id, className="form-select form-select-sm", **given))


def text(id: str, key: str, label: str, placeholder: str) -> Component:
    """Searches as it is typed."""
    return _labelled(label, _input(id, key, type="search", placeholder=placeholder))


def suggested(id: str, key: str, label: str, placeholder: str, suggestions: dict[str, str]) -> Component:
    """A text with suggestions: words by value."""
    listed = html.Datalist([html.Option(word, value=value) for value, word in suggestions.items()], id=f"{id}-list")
    return _labelled(label, [_input(id, key, type="search", placeholder=placeholder, list=f"{id}-list"), listed])


def moment(id: str, key: str, label: str) -> Component:
    """A time in the viewer's own zone."""
    parts: list[Any] = [label, " ", _input(id, key, type="datetime-local")]
    return html.Label(parts, className="field field-moment")


def _input(id: str, key: str, **more: str) -> Input:
    given = {"id": id, "class": "form-control form-control-sm", "data-query": key, "autocomplete": "off"}
    return Input(given | {name: value for name, value in more.items() if value})


def _labelled(label: str, field: Any) -> Component:
    caption: list[Any] = [html.Span(label, className="visually-hidden")]
    return html.Label([*caption, *(field if isinstance(field, list) else [field])], className="field")
