"""The three questions a manager comes with, answered in words."""

from typing import Any

from dash import html
from dash.development.base_component import Component

from fleetdash.domain.analytics.summary import Analytics, BadDay, VesselPerformance
from fleetdash.web.paths import Paths
from fleetdash.web.text import formats
from fleetdash.web.text import narrative as words
from fleetdash.web.text import period_formats as times
from fleetdash.web.text.key_figures import Change, trend
from fleetdash.web.views.badges import icon, service_badge
from fleetdash.web.views.links import inner_link

MOST_VISITS = 3
ICONS = {Change.BETTER: "arrow-up-right", Change.WORSE: "arrow-down-right", Change.SAME: "arrow-right"}


def answers(a: Analytics, paths: Paths, most_visits: int = MOST_VISITS) -> Component:
    return html.Div([_visits(a, paths, most_visits), _trend(a), _bad_days(a, paths)], className="answers")


def _card(title: str, *content: Any) -> Component:
    return html.Section([html.H2(title), *content], className="answer")


def _visits(a: Analytics, paths: Paths, most: int) -> Component:
    question, visits = "Which vessels need action?", a.visits
    if not visits:
        return _card(question, html.P("None: no vessel stands out.", className="answer-word"))
    named = html.Ol([_visit(each, a, paths) for each in visits[:most]], className="answer-list")
    # the table has those with the most trouble first
    everything = html.P(html.A(f"Show all {len(visits)}", href="#table-vessels")) if len(visits) > most else None
    return _card(question, named, everything)


def _visit(each: VesselPerformance, a: Analytics, paths: Paths) -> Component:
    badge = [service_badge(each.status)] if each.status else [html.Span("has left the fleet file", className="hint")]
    return html.Li(
        [
            html.Div(
                [inner_link(each.name, paths.vessel(each.vessel_id), className="answer-name"), *badge],
                className="answer-line",
            ),
            *(html.P(sentence) for sentence in words.visit_reasons(each, a.outages)),
        ]
    )


def _trend(a: Analytics) -> Component:
    found = trend(a)
    mark: list[Any] = [icon(ICONS[found.change]), " "] if found.change in ICONS else []
    return _card(
        "Are we getting better?",
        html.P([*mark, found.word], className="answer-word"),
        html.Ul([html.Li(sentence) for sentence in found.sentences], className="answer-list"),
    )


def _bad_days(a: Analytics, paths: Paths) -> Component:
    question = words.bad_days_question(a)
    if not a.bad_days:
        return _card(question, html.P("None: no day stands out.", className="answer-word"))
    return _card(question, html.Ol([_bad_day(a, day, paths) for day in a.bad_days], className="answer-list"))


def _bad_day(a: Analytics, day: BadDay, paths: Paths) -> Component:
    link = paths.analytics(from_=day.day.isoformat(), to=day.day.isoformat())
    rate = f"{formats.percent(day.rate_percent)} % reached"
    here = times.long_day(day.day)
    linked = inner_link(here, link, className="answer-name")
    name = html.Span(here, className="answer-name") if a.period.day_count == 1 else linked
    return html.Li(
        [
            html.Div([name, html.Span(rate, className="hint")], className="answer-line"),
            *(html.P(sentence) for sentence in words.bad_day(day)),
        ]
    )
