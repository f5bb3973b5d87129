"""The analytics page: mounted when first opened, so that other pages do not load plotly; redrawn after each run."""

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from fleetdash.domain.analytics.period import Period
from fleetdash.domain.analytics.summary import Analytics
from fleetdash.domain.clock import Clock
from fleetdash.queries import FleetReader
from fleetdash.web import ids, markup
from fleetdash.web.callbacks.registration import part_callback, threaded_callback
from fleetdash.web.figures import FIGURES
from fleetdash.web.paths import Paths, query_value
from fleetdash.web.text.chart_titles import TITLES
from fleetdash.web.views.analytics import page as views
from fleetdash.web.views.analytics.answers import answers
from fleetdash.web.views.analytics.tables import tables


def register(app: Dash, queries: FleetReader, paths: Paths, clock: Clock) -> None:
    def period(search: str | None) -> tuple[Period, str]:
        choice, first, last = (query_value(search, key) for key in ("period", "from", "to"))
        return Period.parse(choice, first, last, clock.now())

    @threaded_callback(
        app,
        Output(ids.ANALYTICS_PAGE, "children"),
        Input(ids.PAGE_ADDRESS, "data"),
        State(ids.ANALYTICS_PAGE, "children"),
        prevent_initial_call=True,
    )
    def mount(address: list[str] | None, mounted: Any) -> list[Component]:
        if mounted or address is None or not paths.is_analytics(address[0]):
            raise PreventUpdate
        return views.frame(paths)

    @threaded_callback(
        app,
        Output(ids.ANALYTICS_KEY, "data"),
        Input(ids.PAGE_ADDRESS, "data"),
        Input(ids.VERSION, "data"),
        State(ids.ANALYTICS_KEY, "data"),
    )
    def follow(address: list[str] | None, _version: str, known: str | None) -> str:
        """A new key when the period changes or a run has ended: attempts of a run under way change nothing here."""
        if address is None or not paths.is_analytics(address[0]):
            raise PreventUpdate
        chosen, said = period(address[1])
        ended = next((run.run_id for run in queries.runs(limit=2).runs if run.end_time), "")
        span = f"{chosen.first} {chosen.last}" if chosen.by_days else "24h"
        key = f"{chosen.choice} {span} {ended} {said}"
        if key == known:
            raise PreventUpdate
        return key

    @part_callback(
        app,
        "The period",
        Output(ids.ANALYTICS_HEAD, "parts"),
        Input(ids.ANALYTICS_KEY, "data"),
        State(ids.URL, "search"),
    )
    def show_head(key: str | None, search: str) -> list[str]:
        if key is None:
            raise PreventUpdate
        return markup.parts(views.head(*period(search), paths))

    @part_callback(
        app,
        "The figures of the period",
        Output(ids.ANALYTICS_FIGURES, "parts"),
        Output(ids.ANALYTICS_ANSWERS, "parts"),
        Output(ids.ANALYTICS_TABLES, "parts"),
        Output(ids.CHART_DATA, "data"),
        Output(ids.ANALYTICS_CHARTS, "hidden"),
        Input(ids.ANALYTICS_KEY, "data"),
        State(ids.URL, "search"),
    )
    def show_period(key: str | None, search: str) -> tuple[list[str], list[str], list[str], dict[str, Any], bool]:
        if key is None:
            raise PreventUpdate
        found = queries.analytics(period(search)[0], clock.now())
        if found.empty:
            return markup.parts(views.nothing(found, paths)), [], [], {}, True
        shown = views.figures(found), answers(found, paths), tables(found, paths)
        figures, answered, listed = map(markup.parts, shown)
        return figures, answered, listed, charts(found), False

    def charts(found: Analytics) -> dict[str, Any]:
        """By id: the figure, and the title that states what it shows."""
        return {id_: {"figure": FIGURES[id_](found, paths), "title": TITLES[id_](found)} for id_ in ids.CHARTS}

    app.clientside_callback(
        ClientsideFunction("analytics", "paint"),
        *(Output(id_, "figure") for id_ in ids.CHARTS),
        Input(ids.CHART_DATA, "data"),
        Input(ids.CHART_THEME, "data"),
    )
    for id_ in ids.CHARTS:
        app.clientside_callback(
            ClientsideFunction("analytics", "follow"), Input(id_, "clickData"), State(id_, "figure")
        )
