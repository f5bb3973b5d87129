"""The fleet page: tiles and cards, as the address filters them."""

from functools import lru_cache
from urllib.parse import urlencode

from dash import Dash, Input
from dash.exceptions import PreventUpdate

from fleetdash.domain.read_models import VesselReport
from fleetdash.queries import FleetReader
from fleetdash.queries.fleet_reader import FleetState
from fleetdash.web import ids, markup
from fleetdash.web.callbacks.registration import region_callback
from fleetdash.web.paths import Paths, query_value
from fleetdash.web.views import fleet as views

MOST_IN_THE_DOCUMENT = 300
"""Vessels. The cards of 2,000 take over a second to make, and ten while a run has all its workers busy."""


@lru_cache(maxsize=4096)
def _card(vessel: VesselReport, paths: Paths) -> markup.Made:
    """Made once for all pages and answers, until something of the vessel changes."""
    return markup.Made(markup.to_html(views.card(vessel, paths)))


def regions(queries: FleetReader, paths: Paths, search: str) -> dict[str, object]:
    """Cards and tiles; `search`: the query string."""
    text, status = query_value(search, "q"), query_value(search, "status")
    # addresses are looked through only when something is looked for
    report = queries.fleet(include_devices=bool(text))
    return {
        ids.FLEET_GRID: views.grid(report, text, status, paths, _card),
        ids.FLEET_TILES: views.tiles(report, text, status, paths),
    }


def first_seen(queries: FleetReader, paths: Paths, search: str, version: str | None) -> markup.Made:
    """The page as the document carries it; without the cards of a fleet so large that the document would wait."""
    wanted = {key: query_value(search, key) for key in ("q", "status", "view")}
    if version is None or len(queries.vessel_names()) > MOST_IN_THE_DOCUMENT:
        return markup.Made(markup.to_html(views.page(views.filter_bar(*wanted.values()))))
    return _whole_page(queries, paths, queries.fleet_state(), version, **wanted)


@lru_cache(maxsize=16)
def _whole_page(
    queries: FleetReader, paths: Paths, _state: FleetState, version: str, q: str, status: str, view: str
) -> markup.Made:
    """Made once, until anything changes."""
    found = regions(queries, paths, urlencode({"q": q, "status": status}))
    filters = views.filter_bar(q, status, view)
    page = views.page(filters, found[ids.FLEET_TILES], found[ids.FLEET_GRID], version=version)
    return markup.Made(markup.to_html(page))


def register(app: Dash, queries: FleetReader, paths: Paths) -> None:
    @region_callback(
        app,
        "The fleet",
        (ids.FLEET_GRID, ids.FLEET_TILES),
        Input(ids.VERSION, "data"),
        Input(ids.FLEET_ADDRESS, "data"),
    )
    def show_fleet(version: str, address: list[str | None] | None) -> tuple[object, ...]:
        search, shown = address or (None, None)
        if search is None or shown == version:
            raise PreventUpdate  # another page is shown, or the document brought this one along
        return tuple(regions(queries, paths, search).values())
