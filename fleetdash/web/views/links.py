"""Links within the page: real ones, which the script follows without a reload."""

from typing import Any

from dash import html

from fleetdash.web.attributes import attributes


def inner_link(children: Any, href: str, *, data: dict[str, str] | None = None, **options: Any) -> html.A:
    """`data`: further attributes; `data-keep-query` names what of the address's query goes along, "1" for all."""
    return html.A(children, href=href, **options, **attributes({"data-nav": "1", **(data or {})}))
