"""The fleet page: tiles and cards, as the address filters them."""

from functools import lru_cache

from dash import Dash, Input
from dash.exceptions import PreventUpdate

from fleetdash.domain.reports import VesselReport
from fleetdash.queries import Queries
from fleetdash.web import ids, markup
from fleetdash.web.callbacks.registration import region_callback
from fleetdash.web.paths import Paths, query_value
from fleetdash.web.views import fleet as views

MOST_SENT_ALONG = 300
"""Vessels. The cards of 2,000 take over a second to make, and ten while a run has all its workers busy."""


@lru_cache(maxsize=4096)
def _card(vessel: VesselReport, paths: Paths) -> markup.Made:
    """Made once for all pages and answers, until something of the vessel changes."""
    return markup.Made(markup.to_html(views.card(vessel, paths)))


def regions(queries: Queries, paths: Paths, search: str) -> dict[str, object]:
    """Cards and tiles; `search`: the query string."""
    text, status = query_value(search, "q"), query_value(search, "status")
    # addresses are looked through only when something is looked for
    report = queries.fleet(include_devices=bool(text))
    return {
        ids.FLEET_GRID: views.grid(report, text, status, paths, _card),
        ids.FLEET_TILES: views.tiles(report, text, status, paths),
    }


def sent_along(queries: Queries, paths: Paths, search: str) -> dict[str, object]:
    """The same, for the page to bring along; nothing of a fleet so large that the page itself would wait for it."""
    return regions(queries, paths, search) if len(queries.vessel_names()) <= MOST_SENT_ALONG else {}


def register(app: Dash, queries: Queries, paths: Paths) -> None:
    @region_callback(
        app,
        "The fleet",
        (ids.FLEET_GRID, ids.FLEET_TILES),
        Input(ids.VERSION, "data"),
        Input(ids.FLEET_ADDRESS, "data"),
    )
    def show_fleet(_version: str, search: str | None) -> tuple[object, ...]:
        if search is None:
            raise PreventUpdate  # another page is shown
        return tuple(regions(queries, paths, search).values())
