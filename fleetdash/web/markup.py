"""A tree of `dash.html` components -> escaped HTML text, for regions.

Every text and every attribute is escaped here, whatever a vessel or the fleet file put into it; `Markup` is not: it was
made here before.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from dash.development.base_component import Component
from markupsafe import escape

_VOID = {"br", "hr", "img"}
_NAMES = {"className": "class", "htmlFor": "for"}
_LEFT_OUT = {"children", "n_clicks", "available_properties", "available_wildcard_properties"}


@dataclass(frozen=True, slots=True)
class Input:
    """`<input>`, which dash.html leaves out: for regions only, since the renderer does not know it."""

    attributes: dict[str, str]


def parts(content: Any) -> list[str]:
    """The parts of a region, one element each; none for `None`."""
    listed = content if isinstance(content, list | tuple) else [content]
    return [to_html(component) for component in listed if component is not None]


def to_html(node: Any) -> str:
    """A component, a text, a number, ready-made `Markup`, or a list of them."""
    if node is None:
        return ""
    if isinstance(node, Component):
        return _element(node)
    if isinstance(node, list | tuple):
        return "".join(map(to_html, node))
    if isinstance(node, Input):
        return f"<input{_attributes(node.attributes.items())}>"
    return str(escape(node))


def _element(component: Component) -> str:
    tag = component._type.lower()
    # as to_plotly_json has them, in a tenth of its time
    properties = {name: value for name, value in vars(component).items() if not name.startswith("_")}
    attributes = _attributes(properties.items())
    if tag in _VOID:
        return f"<{tag}{attributes}>"
    return f"<{tag}{attributes}>{to_html(properties.get('children'))}</{tag}>"


def _attributes(properties: Iterable[tuple[str, Any]]) -> str:
    # dash keeps them in an order that differs from process to process
    return "".join(_attribute(name, value) for name, value in sorted(properties) if name not in _LEFT_OUT)


def _attribute(name: str, value: Any) -> str:
    if value is None or value is False:
        return ""
    attribute = _NAMES.get(name, name.lower())
    if value is True:
        return f" {attribute}"
    return f' {attribute}="{escape(_style(value) if name == "style" else str(value))}"'


def _style(rules: dict[str, str]) -> str:
    return "; ".join(f"{re.sub('[A-Z]', lambda m: '-' + m[0].lower(), name)}: {value}" for name, value in rules.items())
