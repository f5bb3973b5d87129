"""A tree of `dash.html` components -> HTML text, so that a region of the page is one update and not a thousand.

dash-renderer tells every component of every other one that it mounts: cards for 66 vessels, or the table of a vessel's
devices, would keep the browser busy for seconds. So regions are sent as text, and the script puts them in place.
Every text and every attribute is escaped here, whatever a vessel or the fleet file put into it.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from typing import Any

from dash.development.base_component import Component

_VOID = {"br", "hr", "img"}
_NAMES = {"className": "class", "htmlFor": "for"}
_NAMES_BEFORE = _NAMES | {"id": "data-first"}
_LEFT_OUT = {"children", "n_clicks", "available_properties", "available_wildcard_properties"}


@dataclass(frozen=True, slots=True)
class Input:
    """`<input>`, which dash.html leaves out: for regions only, since the renderer does not know it."""

    attributes: dict[str, str]


@dataclass(frozen=True, slots=True)
class Made:
    """Markup that was made before."""

    html: str


def parts(content: Any) -> list[str]:
    """What stands directly in a region, an element each; nothing for `None`."""
    listed = content if isinstance(content, list | tuple) else [content]
    return [to_html(component) for component in listed if component is not None]


def to_html(node: Any) -> str:
    """A component, a text, a number, or a list of them."""
    return _html(node, _NAMES)


def to_html_before(node: Any) -> str:
    """The same for what is shown before Dash shows its own: an id that Dash will make stands in `data-first`."""
    return _html(node, _NAMES_BEFORE)


def _html(node: Any, names: dict[str, str]) -> str:
    if node is None:
        return ""
    if isinstance(node, Component):
        return _element(node, names)
    if isinstance(node, list | tuple):
        return "".join(_html(each, names) for each in node)
    if isinstance(node, Made):
        return node.html
    if isinstance(node, Input):
        return f"<input{''.join(_attributes(node.attributes.items(), names))}>"
    return escape(str(node))


def _element(component: Component, names: dict[str, str]) -> str:
    tag = component._type.lower()
    # as to_plotly_json has them, in a tenth of its time
    properties = {name: value for name, value in vars(component).items() if not name.startswith("_")}
    attributes = "".join(_attributes(properties.items(), names))
    if tag in _VOID:
        return f"<{tag}{attributes}>"
    return f"<{tag}{attributes}>{_html(properties.get('children'), names)}</{tag}>"


def _attributes(properties: Iterable[tuple[str, Any]], names: dict[str, str]) -> Iterator[str]:
    # dash keeps them in an order that differs from process to process
    for name, value in sorted(properties):
        if name in _LEFT_OUT or value is None or value is False:
            continue
        attribute = names.get(name, name.lower())
        if value is True:
            yield f" {attribute}"
        else:
            yield f' {attribute}="{escape(_style(value) if name == "style" else str(value))}"'


def _style(rules: dict[str, str]) -> str:
    return "; ".join(f"{re.sub('[A-Z]', lambda m: '-' + m[0].lower(), name)}: {value}" for name, value in rules.items())
