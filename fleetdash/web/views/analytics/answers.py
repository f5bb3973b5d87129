"""The three questions a manager comes with, answered in words."""

from collections.abc import Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from fleetdash.domain.analytics.actions import Actor
from fleetdash.domain.analytics.bad_times import BadTime
from fleetdash.domain.analytics.summary import Analytics, VesselPerformance
from fleetdash.web.attributes import attributes
from fleetdash.web.figures.theme import runs_of
from fleetdash.web.paths import Paths
from fleetdash.web.text import formats
from fleetdash.web.text import narrative as words
from fleetdash.web.text import period_formats as times
from fleetdash.web.text.key_figures import Change
from fleetdash.web.text.trend import trend
from fleetdash.web.views.advice import what_to_do
from fleetdash.web.views.badges import icon, service_badge
from fleetdash.web.views.links import inner_link

MOST_NAMED = 3
"""In each list; the others are folded."""
ICONS = {Change.BETTER: "arrow-up-right", Change.WORSE: "arrow-down-right", Change.SAME: "arrow-right"}


def answers(a: Analytics, paths: Paths, most_named: int = MOST_NAMED) -> Component:
    return html.Div([_actions(a, paths, most_named), _trend(a), _bad_times(a, paths)], className="answers")


def _card(title: str, *content: Any) -> Component:
    return html.Section([html.H2(title), *content], className="answer")


def _actions(a: Analytics, paths: Paths, most: int) -> Component:
    """By who can act."""
    question = "Which vessels need action?"
    lists = [(actor, vessels) for actor, vessels in a.actions.items() if vessels]
    if not lists:
        return _card(question, html.P("None: no vessel stands out.", className="answer-word"))
    return _card(question, *(_list(actor, vessels, a, paths, most) for actor, vessels in lists))


def _list(actor: Actor, vessels: Sequence[VesselPerformance], a: Analytics, paths: Paths, most: int) -> Component:
    items = [_action(each, actor, a, paths) for each in vessels]
    parts: list[Component] = [
        html.H3(f"{words.ACTORS[actor]} ({len(vessels)})"),
        html.Ol(items[:most], className="answer-list"),
    ]
    if rest := items[most:]:
        more = html.Ol(rest, start=str(most + 1), className="answer-list")
        parts.append(html.Details([html.Summary(f"And {len(rest)} more"), more]))
    return html.Div(parts, **attributes({"data-actor": actor.value}))


def _action(each: VesselPerformance, actor: Actor, a: Analytics, paths: Paths) -> Component:
    badge = [service_badge(each.status)] if each.status else []
    failing = each.state.failing if each.state else None
    return html.Li(
        [
            html.Div(
                [inner_link(each.name, paths.vessel(each.vessel_id), className="answer-name"), *badge],
                className="answer-line",
            ),
            *(html.P(sentence) for sentence in words.action_reasons(each, actor, a.now)),
            *([what_to_do(failing)] if failing is not None else []),
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


def _bad_times(a: Analytics, paths: Paths) -> Component:
    question = words.bad_times_question(a)
    if not a.bad_times:
        return _card(question, html.P(words.nothing_stands_out(a), className="answer-word"))
    return _card(question, html.Ol([_bad_time(a, each, paths) for each in a.bad_times], className="answer-list"))


def _bad_time(a: Analytics, bad: BadTime, paths: Paths) -> Component:
    """A day leads to its own page, hours to their runs."""
    day = bad.day.isoformat()
    link = runs_of(bad, paths) if a.period.is_short else paths.analytics(from_=day, to=day)
    rate = f"{formats.percent(bad.rate_percent)} % reached"
    return html.Li(
        [
            html.Div(
                [
                    inner_link(times.bad_time(a, bad), link, className="answer-name"),
                    html.Span(rate, className="hint"),
                ],
                className="answer-line",
            ),
            *(html.P(sentence) for sentence in words.bad_time(bad)),
        ]
    )
