"""The modal's summary of a vessel, and the vessel's attempts in the newest runs."""

from collections.abc import Sequence
from dataclasses import replace

from dash import html
from dash.development.base_component import Component

from fleetdash.domain.headline import headline, since
from fleetdash.domain.read_models import VesselReport, VesselRun
from fleetdash.domain.status import SyncStatus
from fleetdash.web.attributes import attributes
from fleetdash.web.paths import Paths
from fleetdash.web.statuses import SERVICE, SYNC
from fleetdash.web.text import formats
from fleetdash.web.views import states
from fleetdash.web.views.advice import what_to_do
from fleetdash.web.views.badges import run_badge, service_badge, shape, sync_badge
from fleetdash.web.views.fleet import dated
from fleetdash.web.views.links import inner_link
from fleetdash.web.views.run_chart import attempt_words, outcome


def title(vessel: VesselReport) -> list[Component]:
    """Name and id."""
    parts: list[Component] = [html.Span(vessel.name)]
    if vessel.name != vessel.vessel_id:
        parts.append(html.Small(vessel.vessel_id, className="card-id"))
    return parts


def unknown(vessel_id: str) -> Component:
    """No vessel has this id."""
    return states.empty(f"There is no vessel “{vessel_id}”. Its id may be misspelt, or it was never in the fleet file.")


def summary(vessel: VesselReport) -> Component:
    """Status, the reason in words, and the figures that count."""
    return html.Div(
        [
            html.Div([service_badge(vessel.status), sync_badge(vessel.sync_status)], className="card-badges"),
            html.P([*_down_shape(vessel), *_reason(vessel), *_last_known(vessel)], className="sync-reason"),
            *_what_to_do(vessel),
            html.Dl(
                [
                    _fact("Data from", formats.age(vessel.observed_at) if vessel.observed_at else _never()),
                    _fact("Last checked", formats.age(vessel.last_attempt_at) if vessel.last_attempt_at else _never()),
                    _fact("Uptime", _percent(vessel.uptime_percent)),
                    _fact("Worst device", _percent(vessel.worst_uptime_percent)),
                    _fact("Pings recorded", _percent(vessel.coverage_percent)),
                    _fact("Up", formats.number(str(vessel.devices_up))),
                    _fact("Down", formats.number(str(vessel.devices_down))),
                    _fact("No fresh data", formats.number(str(vessel.devices_silent))),
                ],
                className="figures",
            ),
        ],
        className="vessel-summary",
    )


def _down_shape(vessel: VesselReport) -> list[Component | str]:
    return [shape(SYNC[SyncStatus.DOWN]), " "] if vessel.devices_down else []


def _reason(vessel: VesselReport) -> list[Component | str]:
    """The headline and since when; if it was not reached, also when it was asked and how old the figures are."""
    unreached = vessel.sync_status is SyncStatus.SYNC_FAILED
    reason = vessel.sync_reason if unreached else headline(vessel) or vessel.sync_reason
    start = since(vessel)
    if start is None:
        return [reason]
    return [reason, " ", *dated(replace(start, lead=start.lead.capitalize())), "."]


def _what_to_do(vessel: VesselReport) -> list[Component]:
    return [what_to_do(vessel.last_error.kind)] if vessel.last_error is not None else []


def _last_known(vessel: VesselReport) -> list[Component | str]:
    if vessel.status != "unknown" or vessel.last_known_status is None or vessel.last_known_status_at is None:
        return []
    word = SERVICE[vessel.last_known_status].word.lower()
    return [f" Last known status: {word}, ", formats.age(vessel.last_known_status_at), "."]


def _fact(name: str, value: Component) -> Component:
    return html.Div([html.Dt(name), html.Dd(value)])


def _never() -> Component:
    return formats.missing("Not yet.")


def _percent(value: float | None) -> Component:
    if value is None:
        return formats.missing("No ping was recorded in the last day.")
    return formats.number(formats.percent(value), "%")


def run_log(runs: Sequence[VesselRun], paths: Paths) -> Component:
    """The newest runs, each with the attempts to query this vessel."""
    if not runs:
        return states.empty("No run has asked this vessel yet.")
    head = html.Tr([html.Th(name, scope="col") for name in ("Run", "Run status", "This vessel", "Attempts")])
    return html.Div(
        html.Table(
            [
                html.Caption("The newest runs in which this vessel was asked", className="visually-hidden"),
                html.Thead(head),
                html.Tbody([_run(run, paths) for run in runs]),
            ],
            className="table-plain",
        ),
        className="table-scroll",
        tabIndex=0,
        role="region",
        **attributes({"aria-label": "Runs of this vessel"}),
    )


def _run(part: VesselRun, paths: Paths) -> Component:
    return html.Tr(
        [
            html.Td(
                inner_link(formats.time(part.run.start_time), paths.run(part.run.run_id)),
            ),
            html.Td(run_badge(part.run.status)),
            html.Td(outcome(part.attempts, under_way=part.run.end_time is None)),
            html.Td(html.Ol([html.Li(attempt_words(attempt)) for attempt in part.attempts], className="attempt-list")),
        ],
        **attributes({"data-run-id": part.run.run_id}),
    )
