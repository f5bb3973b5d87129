"""One run: its figures, the vessels not reached and why, its attempts over time and one by one."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from dash import html
from dash.development.base_component import Component

from fleetdash.domain.runs import Attempt, AttemptKind, ErrorKind, Run, RunDetails, RunStatus
from fleetdash.domain.wording import count
from fleetdash.web import ids
from fleetdash.web.attributes import attributes
from fleetdash.web.paths import Paths
from fleetdash.web.text import formats
from fleetdash.web.text.narrative import ERRORS
from fleetdash.web.views import states
from fleetdash.web.views.advice import what_to_do
from fleetdash.web.views.badges import icon, run_badge
from fleetdash.web.views.links import inner_link
from fleetdash.web.views.run_chart import chains, run_chart, vessel_link
from fleetdash.web.views.run_log import duration

_COLUMNS = ("Vessel", "Attempt", "Result", "Waited before", "Took", "What happened", "Ended")


def details_page(details: RunDetails, names: Mapping[str, str], usual: float | None, paths: Paths) -> Component:
    """`names`: of the vessels, by id; `usual`: the seconds that a slow run would usually take."""
    run = details.run
    return html.Section(
        [
            html.P(inner_link("All runs", paths.runs())),
            html.Div([html.H1(["Run ", run.run_id]), run_badge(run.status)], className="section-head"),
            html.P(run.error_message, className="hint") if run.error_message else None,
            html.Dl([html.Div([html.Dt(n), html.Dd(value)]) for n, value in _facts(run, usual)], className="figures"),
            *_unreachable(details, names, paths),
            *_retried(details, names, paths),
            *_asked_again(details, names, paths),
            *_reached_before(details, names, paths),
            *run_chart(details, names, paths),
            html.H2("Attempts one by one"),
            _attempts(details, names, paths),
        ],
        id=ids.RUN_DETAILS,
        **attributes({"data-run-id": run.run_id, "data-status": run.status.value}),
    )


def _facts(run: Run, usual: float | None) -> list[tuple[str, Component | str]]:
    return [
        ("Started", formats.time(run.start_time)),
        ("Trigger", run.trigger.value.capitalize()),
        ("Duration", duration(run, usual)),
        ("Reached", formats.number(f"{run.successful_vessels}", f"of {run.total_vessels}")),
        ("Not reached", formats.number(str(run.failed_vessels))),
        ("Retries", formats.number(str(run.retry_attempts))),
        ("Time spent retrying", formats.duration(run.retry_seconds) if run.end_time else "under way"),
        ("Waiting before retries, summed", formats.duration(run.retry_wait_seconds) if run.end_time else "under way"),
        ("Retry queries, summed", formats.duration(run.retry_query_seconds) if run.end_time else "under way"),
    ]


def _unreachable(details: RunDetails, names: Mapping[str, str], paths: Paths) -> list[Component]:
    """Each with its reason: the error of its last attempt."""
    last = {attempt.vessel_id: attempt for attempt in details.attempts}

    def line(vessel_id: str) -> Component:
        attempt = last[vessel_id]
        tried = count(attempt.attempt_number, "attempt")
        return html.Li([vessel_link(vessel_id, names, paths), f" {attempt.error_message or 'failed'}, {tried}"])

    lines = _listed("Not reached", map(line, details.unreachable_vessels), "reason-list")
    return [*lines, *_what_to_do([last[vessel_id].error_kind for vessel_id in details.unreachable_vessels])]


def _what_to_do(kinds: Iterable[ErrorKind | None]) -> list[Component]:
    """For each kind of error once, the most frequent first."""
    counts = Counter(kind for kind in kinds if kind is not None)
    return [
        what_to_do(kind, f" about “{ERRORS[kind]}” ({count(number, 'vessel')})" if len(counts) > 1 else "")
        for kind, number in counts.most_common()
    ]


def _retried(details: RunDetails, names: Mapping[str, str], paths: Paths) -> list[Component]:
    reached = {attempt.vessel_id for attempt in details.attempts if attempt.success}
    retried = sorted(details.retry_summary.items(), key=lambda item: (-item[1], item[0]))
    return _listed(
        "Reached on a retry",
        (
            html.Li([vessel_link(vessel_id, names, paths), f" {count(retries, 'retry', 'retries')}"])
            for vessel_id, retries in retried
            if vessel_id in reached
        ),
        "vessel-links",
    )


def _asked_again(details: RunDetails, names: Mapping[str, str], paths: Paths) -> list[Component]:
    """Of a run under way: the vessels that failed so far and are not given up yet."""
    if details.run.end_time is not None:
        return []
    last = {attempt.vessel_id: attempt for attempt in details.attempts}
    return _listed(
        "Being asked again",
        (
            html.Li([vessel_link(vessel_id, names, paths), f" {count(attempt.attempt_number, 'attempt')} failed"])
            for vessel_id, attempt in sorted(last.items())
            if not attempt.chain_ended
        ),
        "vessel-links",
    )


def _reached_before(details: RunDetails, names: Mapping[str, str], paths: Paths) -> list[Component]:
    """Of a run that failed or was interrupted: the vessels reached until then."""
    run = details.run
    if run.status not in (RunStatus.FAILED, RunStatus.INTERRUPTED):
        return []
    reached = sorted({attempt.vessel_id for attempt in details.attempts if attempt.success})
    if not reached:
        return [html.P("No vessel was reached before it ended.", className="hint")]
    heading = f"Reached before it ended: {len(reached)} of {run.total_vessels}"
    return _listed(heading, (html.Li(vessel_link(each, names, paths)) for each in reached), "vessel-links")


def _listed(heading: str, items: Iterable[Component], kind: str) -> list[Component]:
    found = list(items)
    return [html.H2(heading), html.Ul(found, className=kind)] if found else []


def _attempts(details: RunDetails, names: Mapping[str, str], paths: Paths) -> Component:
    if not details.attempts:
        return states.empty("No attempts of this run are kept: none had finished, or they are too old.")
    ordered: Sequence[Attempt] = [attempt for _, chain in chains(details.attempts) for attempt in chain]
    return html.Div(
        html.Table(
            [
                html.Caption("Attempts by vessel, those with trouble first", className="visually-hidden"),
                html.Thead(html.Tr([html.Th(name, scope="col") for name in _COLUMNS])),
                html.Tbody([_attempt(attempt, names, paths) for attempt in ordered]),
            ],
            className="table-plain attempt-table",
        ),
        className="table-scroll",
        tabIndex=0,
        role="region",
        **attributes({"aria-label": "Attempts"}),
    )


def _attempt(attempt: Attempt, names: Mapping[str, str], paths: Paths) -> Component:
    result: list[Component | str] = [icon("check-lg"), " answered"] if attempt.success else [icon("x-lg"), " failed"]
    is_retry = attempt.kind is AttemptKind.RETRY
    return html.Tr(
        [
            html.Td(vessel_link(attempt.vessel_id, names, paths)),
            html.Td(f"{attempt.attempt_number}, {attempt.kind.value}"),
            html.Td(html.Span(result)),
            html.Td(formats.duration(attempt.backoff_seconds) if is_retry else "", className="figure-cell"),
            html.Td(formats.duration(attempt.query_duration_seconds), className="figure-cell"),
            html.Td(attempt.error_message or "", title=attempt.error_kind or ""),
            html.Td(formats.time(attempt.timestamp)),
        ],
        className="attempt-row",
        **attributes(
            {
                "data-vessel-id": attempt.vessel_id,
                "data-attempt": str(attempt.attempt_number),
                "data-success": str(attempt.success).lower(),
            }
        ),
    )
