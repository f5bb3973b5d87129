"""What a page shows first, sent along with it: the reader need not wait for the callbacks that would ask for it."""

import json
import logging
from collections.abc import Callable

from fleetdash.web import ids, markup
from fleetdash.web.views.fleet import filter_bar, legend

log = logging.getLogger(__name__)

PLACE = "<!-- first view -->"
"""Where it goes in the page."""

Regions = dict[str, object]
"""Content by region."""


def with_first_view(page: str, regions: Callable[[], Regions]) -> str:
    """`page` with the regions for the script to place; the callbacks bring the same, and say what is wrong."""
    try:
        found = regions()
    except Exception:  # an edge: the page itself must be there, and its callbacks show the error
        log.exception("the page is sent without what it shows first")
        found = {}
    everywhere = {ids.FLEET_FILTERS: filter_bar(), ids.FLEET_LEGEND: legend()}
    content = {region: markup.parts(parts) for region, parts in (everywhere | found).items()}
    # "<" would end the script where a text of ours holds an end tag
    written = json.dumps(content, separators=(",", ":")).replace("<", "\\u003c")
    return page.replace(PLACE, f'<script type="application/json" id="first-view">{written}</script>')
