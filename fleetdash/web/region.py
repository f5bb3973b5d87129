"""A Dash component for the long parts of the page, drawn by `assets/region.js`.

dash-renderer tells every mounted component of each one that it mounts: cards for 66 vessels as components keep the
browser busy for 0.7 s, as text in one component for 45 ms.
"""

from collections.abc import Sequence

from dash.development.base_component import Component


class Region(Component):
    """Escaped markup, one element per part (`markup.parts`). Parts that stay the same stay as they are in the page."""

    _namespace = "fleetdash"
    _type = "Region"
    _prop_names: list[str] = ["id", "parts"]  # noqa: RUF012  # as Dash generates them
    available_properties: list[str] = ["id", "parts"]  # noqa: RUF012
    _valid_wildcard_attributes: list[str] = []  # noqa: RUF012
    available_wildcard_properties: list[str] = []  # noqa: RUF012

    def __init__(self, id: str, parts: Sequence[str] = ()) -> None:
        super().__init__(id=id, parts=list(parts))
