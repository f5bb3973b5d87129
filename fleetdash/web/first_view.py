"""What the reader sees first: written into the document, so that it is there before Dash has started.

It is the layout's own frame with content in it. The script hands it over once Dash has made the frame that lives: what
stands in regions is moved there, the fleet as a whole; the rest is taken away.
"""

import re

from dash.development.base_component import Component

from fleetdash.web import markup

PLACE = "<!-- first view -->"
"""Where it goes in the page."""

VIEW = 'data-view="cards"'
"""What the page says of how the fleet is shown."""


def with_first_view(page: str, frame: list[Component], *, wall: bool) -> str:
    """`page` with what is seen of the layout."""
    written = markup.to_html_before(frame)
    if wall:
        page = page.replace(VIEW, 'data-view="wall"', 1)
    return page.replace(PLACE, f'<div id="first-view" class="page">{written}</div>', 1)


def scripts_after_paint(page: str) -> str:
    """`page`, whose scripts are fetched at once, and run by ours after the first paint. It has no tables of Dash's."""

    def fetched(script: re.Match[str]) -> str:
        return "" if "/dash_table/" in script[1] else f'<link rel="preload" as="script" href="{script[1]}">'

    return _SCRIPT.sub(fetched, page).replace(_STARTS, 'type="text/plain"', 1)


_SCRIPT = re.compile(r'<script src="([^"]*)"></script>')
_STARTS = 'type="application/javascript"'
"""Of the line that starts Dash; ours does."""
