"""A Dash component for the long parts of the page, rendered by `assets/region.js`.

dash-renderer re-evaluates every mounted component for each one that it mounts: the cards of 66 vessels take 0.7 s as
components, and 45 ms as markup in one component.
"""

from collections.abc import Sequence

from dash.development.base_component import Component


class Region(Component):
    """Escaped markup, one element per part (`markup.parts`). Parts that have not changed are left in place."""

    _namespace = "fleetdash"
    _type = "Region"
    _prop_names: list[str] = ["id", "parts"]  # noqa: RUF012  # as Dash generates them
    available_properties: list[str] = ["id", "parts"]  # noqa: RUF012
    _valid_wildcard_attributes: list[str] = []  # noqa: RUF012
    available_wildcard_properties: list[str] = []  # noqa: RUF012

    def __init__(self, id: str, parts: Sequence[str] = ()) -> None:
        super().__init__(id=id, parts=list(parts))
