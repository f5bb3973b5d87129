"""The manager's page: its frame, figures, answers and tables. The charts themselves are `web.figures`."""

from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from fleetdash.domain.analytics.period import WORDS, Choice, Period
from fleetdash.domain.analytics.summary import Analytics
from fleetdash.web import ids
from fleetdash.web.attributes import attributes
from fleetdash.web.paths import Paths
from fleetdash.web.region import Region
from fleetdash.web.text import formats
from fleetdash.web.text import period_formats as times
from fleetdash.web.text.key_figures import Figure
from fleetdash.web.text.key_figures import figures as key_figures
from fleetdash.web.views import states
from fleetdash.web.views.analytics.methodology import methodology
from fleetdash.web.views.badges import icon
from fleetdash.web.views.links import inner_link

NAMES = {
    ids.CHART_SUCCESS_RATE: "Success rate over time",
    ids.CHART_DURATION: "Duration of the runs",
    ids.CHART_RETRIES: "Retries and the time spent on them",
    ids.CHART_RELIABILITY: "Vessels by reliability",
    ids.CHART_SLA: "SLA compliance by component",
    ids.CHART_OUTAGES: "The longest outages",
    ids.CHART_SYNC_HISTORY: "Sync history",
}
KEYS = {
    ids.CHART_SUCCESS_RATE: "Share of checks that reached the vessel, retries included. Hatched: no runs.",
    ids.CHART_DURATION: "Line: median. Band: the middle 80 % of the runs. Diamond: the longest of the slow runs.",
    ids.CHART_RETRIES: "Their number, and the time during which any vessel was waited for or asked again.",
    ids.CHART_RELIABILITY: "Share of runs that did not reach the vessel, and the main reason; at most twelve vessels.",
    ids.CHART_SLA: "Share of checks in which the component met the SLA, by UTC day.",
    ids.CHART_OUTAGES: "Vessels not reached and devices confirmed down; at most ten. The bar is the part within the "
    "period (◀: it began earlier), the words beside it say how long all of it lasted.",
    ids.CHART_SYNC_HISTORY: "Pale: every run reached the vessel. The stronger the colour, the fewer did. "
    "Hatched: no runs. Vessels with the most trouble first.",
}


def frame(paths: Paths) -> list[Component]:
    """Mounted when the page is first opened: the only place with charts, since they load plotly."""
    return [
        dcc.Store(id=ids.ANALYTICS_KEY),
        dcc.Store(id=ids.CHART_DATA),
        dcc.Store(id=ids.CHART_THEME),
        Region(ids.ANALYTICS_HEAD),
        Region(ids.ANALYTICS_FIGURES),
        Region(ids.ANALYTICS_ANSWERS),
        html.Div([_chart(id_) for id_ in ids.CHARTS], id=ids.ANALYTICS_CHARTS, className="charts"),
        Region(ids.ANALYTICS_TABLES),
        methodology(),
    ]


_UNDRAWN = {
    "layout": {
        "xaxis": {"visible": False},
        "yaxis": {"visible": False},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
    }
}
"""Until the figures are there: plotly would draw axes of its own, from -1 to 6 and on white."""


def _chart(id_: str) -> Component:
    """The graph is a picture to a screen reader, with its title for a name; the tables below hold its numbers."""
    buttons = [
        html.Button(
            kind.upper(),
            className="button button-plain chart-export",
            title=f"Save the chart as {kind.upper()}",
            **attributes(
                {"data-chart": id_, "data-format": kind, "aria-label": f"{NAMES[id_]}: save as {kind.upper()}"}
            ),
        )
        for kind in ("png", "svg")
    ]
    return html.Section(
        [
            html.Div([html.H2(NAMES[id_], id=f"{id_}-title"), html.Div(buttons)], className="chart-head"),
            html.P(KEYS[id_], id=f"{id_}-key", className="hint"),
            html.Div(
                dcc.Graph(
                    id=id_, figure=_UNDRAWN, config={"displayModeBar": False, "responsive": True, "locale": "en"}
                ),
                role="img",
                className="chart-frame",
                **attributes({"aria-labelledby": f"{id_}-title", "aria-describedby": f"{id_}-key"}),
            ),
        ],
        className=f"chart-card of-{id_}",
        **attributes({"aria-labelledby": f"{id_}-title"}),
    )


def head(period: Period, notice: str, paths: Paths) -> list[Component]:
    """The period and what else can be chosen; `notice`: why it is not the one asked for."""
    choices = [
        inner_link(
            WORDS[choice],
            paths.analytics(period=choice.value),
            className="button",
            data={"aria-current": "true"} if period.choice is choice else None,
        )
        for choice in Choice
    ]
    parts: list[Component] = [
        title(period),
        html.Div(
            [
                html.Nav(choices, className="period-choices", **attributes({"aria-label": "Period"})),
                _own_dates(period, paths),
                _report_link(period, paths),
            ],
            className="period-bar",
        ),
    ]
    if notice:
        parts.append(html.P([icon("info-circle"), f" {notice}"], className="notice", role="status"))
    return parts


def title(period: Period) -> Component:
    return html.H1(["Fleet report, ", html.Span(times.dates(period), className="hint")], className="analytics-title")


def query(period: Period) -> dict[str, str]:
    """The period as the calls under `/api` take it."""
    if period.choice:
        return {"period": period.choice.value}
    return {"since": period.first.isoformat(), "until": period.last.isoformat()}


def _own_dates(period: Period, paths: Paths) -> Component:
    def day(name: str, label: str, value: str) -> Component:
        # in a region, not in the layout: plain HTML with Bootstrap's classes
        field = dbc.Input(type="date", name=name, value=value, className="form-control form-control-sm")
        return html.Label([html.Span(label), field])

    return html.Form(
        [
            day("from", "From", period.first.isoformat()),
            day("to", "to", period.last.isoformat()),
            html.Button("Show", className="button", type="submit"),
        ],
        className="own-period",
        action=paths.analytics(),
        method="get",
        **attributes({"aria-label": "Own period, in UTC days"}),
    )


def _report_link(period: Period, paths: Paths) -> Component:
    return html.A(
        [icon("printer"), "Printable report"],
        href=paths.api("report", **query(period)),
        target="_blank",
        className="button report-link",
    )


def figures(a: Analytics) -> Component:
    """The figures of the period, each against the one before."""
    return html.Dl([_figure(each) for each in key_figures(a)], className="figure-cards")


def _figure(each: Figure) -> Component:
    against: Any = [icon(f"arrow-{each.arrow}"), f" {each.against}"] if each.arrow else each.against.capitalize()
    return html.Div(
        [
            html.Dt(each.name),
            html.Dd(formats.number(each.value, each.unit), className="figure-value"),
            html.Dd(against, className="figure-change") if against else None,
            html.Dd(each.meaning, className="hint") if each.meaning else None,
        ],
        className="figure-card",
        **attributes({"data-change": each.change.value}),
    )


def nothing(a: Analytics, paths: Paths) -> Component:
    """No run in the period, and where there are some."""
    if a.known_since is None:
        return states.empty(
            "No runs yet. “Run now” starts one; figures appear when it has finished.",
            inner_link("Go to the fleet", paths.fleet(), className="button"),
        )
    known = a.known_since.date()
    return states.empty(
        f"No run was made in this period. History began on {times.long_day(known)} {known.year}.",
        inner_link("Show the last 30 days", paths.analytics(period="30d"), className="button"),
        inner_link("Show the last year", paths.analytics(period="365d"), className="button"),
    )
