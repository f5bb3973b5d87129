"""The fleet page: tiles and cards, filtered by the address."""

from functools import lru_cache

from dash import Dash, Input, Output
from dash.exceptions import PreventUpdate
from markupsafe import Markup

from fleetdash.domain.read_models import VesselReport
from fleetdash.queries import FleetReader
from fleetdash.web import ids, markup
from fleetdash.web.callbacks.registration import part_callback
from fleetdash.web.callbacks.rendered import Rendered
from fleetdash.web.paths import Paths, query_value
from fleetdash.web.views import fleet as views

MOST_IN_THE_LAYOUT = 300
"""In vessels. Rendering 2,000 cards takes over a second, and ten seconds during a run with all its workers busy."""


@lru_cache(maxsize=4096)
def _card(vessel: VesselReport, paths: Paths) -> Markup:
    """Cached across pages and versions until the vessel changes."""
    return Markup(markup.to_html(views.card(vessel, paths)))


def fleet_parts(queries: FleetReader, paths: Paths, search: str) -> tuple[list[str], list[str]]:
    """Cards and tiles as markup; `search` is the query string."""
    text, status = query_value(search, "q"), query_value(search, "status")
    # the devices are only needed to search their addresses
    report = queries.fleet(include_devices=bool(text))
    cards = views.grid(report, text, status, paths, _card)
    return markup.parts(cards), markup.parts(views.tiles(report, text, status, paths))


def first_parts(queries: FleetReader, paths: Paths, search: str) -> tuple[list[str], list[str]] | None:
    """Cards and tiles for the layout; `None` for a fleet so large that it would delay the page."""
    return fleet_parts(queries, paths, search) if len(queries.vessel_names()) <= MOST_IN_THE_LAYOUT else None


def register(app: Dash, queries: FleetReader, paths: Paths, rendered: Rendered) -> None:
    @part_callback(
        app,
        "The fleet",
        Output(ids.FLEET_GRID, "parts"),
        Output(ids.FLEET_TILES, "parts"),
        Input(ids.VERSION, "data"),
        Input(ids.FLEET_ADDRESS, "data"),
        rendered=rendered,
        prevent_initial_call=True,  # they are in the layout
    )
    def show_fleet(_version: str, search: str | None) -> tuple[list[str], list[str]]:
        if search is None:
            raise PreventUpdate  # another page is open
        return fleet_parts(queries, paths, search)
