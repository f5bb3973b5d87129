"""The run log, and a run that was opened."""

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from fleetdash.domain.reports import RunPage
from fleetdash.domain.runs import Attempt, AttemptKind, Run, RunDetails, RunStatus
from fleetdash.web import formats, ids
from fleetdash.web.attributes import attributes
from fleetdash.web.paths import Paths
from fleetdash.web.statuses import RUN
from fleetdash.web.views import states
from fleetdash.web.views.badges import icon, run_badge
from fleetdash.web.views.links import inner_link

_COLUMNS = ("Started", "Status", "Trigger", "Reached", "Not reached", "Retries", "Duration", "In retries")


def log_page(page: RunPage, status: str, paths: Paths) -> Component:
    """The log, newest first, with its filter and the way to older runs."""
    return html.Section(
        [
            html.Div([html.H1("Runs"), _filter(status)], className="section-head"),
            html.P(
                "A vessel that answers on a retry counts as reached; its retries are counted apart.", className="hint"
            ),
            html.Div(_table(page.runs, status, paths), id=ids.RUN_LOG),
            html.Nav(
                [
                    _turn("Newer", ids.RUN_LOG_PREVIOUS, page.previous_cursor, status, paths),
                    _turn("Older", ids.RUN_LOG_NEXT, page.next_cursor, status, paths),
                ],
                className="pager",
                **attributes({"aria-label": "Pages of the run log"}),
            ),
        ]
    )


def _filter(status: str) -> Component:
    choices = {"all": "All runs"} | {each.value: look.word for each, look in RUN.items()}
    options = [html.Option(word, value=value, selected=value == status) for value, word in choices.items()]
    return html.Label(
        [
            html.Span("Show runs that are", className="visually-hidden"),
            html.Select(options, id=ids.RUN_FILTER_STATUS, className="form-select form-select-sm"),
        ],
        className="device-filter",
    )


def _turn(word: str, id: str, cursor: str | None, status: str, paths: Paths) -> Component:
    """A link to another page; where there is none, a link that leads nowhere and says so."""
    if cursor is None:
        return html.A(word, id=id, className="button is-disabled", role="link", **attributes({"aria-disabled": "true"}))
    return inner_link(word, paths.runs(status=status or None, cursor=cursor), id=id, className="button")


def _table(runs: Sequence[Run], status: str, paths: Paths) -> Component:
    if not runs and status:
        return states.empty(f"No run that is “{RUN[RunStatus(status)].word}” was kept.")
    if not runs:
        return states.empty("No run was made yet. “Run now” makes one.")
    return html.Div(
        html.Table(
            [
                html.Caption("Runs, newest first", className="visually-hidden"),
                html.Thead(html.Tr([html.Th(name, scope="col") for name in _COLUMNS])),
                html.Tbody([_row(run, paths) for run in runs]),
            ],
            className="table-plain run-table",
        ),
        className="table-scroll",
        tabIndex=0,
        role="region",
        **attributes({"aria-label": "Runs"}),
    )


def _row(run: Run, paths: Paths) -> Component:
    return html.Tr(
        [
            html.Td(inner_link(formats.time(run.start_time), paths.run(run.run_id))),
            html.Td(run_badge(run.status)),
            html.Td(run.trigger.value.capitalize()),
            html.Td(f"{run.successful_vessels} of {run.total_vessels}", className="figure-cell"),
            html.Td(str(run.failed_vessels), className="figure-cell"),
            html.Td(str(run.retry_attempts), className="figure-cell"),
            html.Td(_duration(run), className="figure-cell"),
            html.Td(formats.seconds(run.retry_seconds), className="figure-cell"),
        ],
        className="run-row",
        **attributes({"data-run-id": run.run_id, "data-status": run.status.value, "data-slow": str(run.slow).lower()}),
    )


def _duration(run: Run) -> Component:
    words = formats.seconds(run.duration_seconds) if run.end_time else "under way"
    if not run.slow:
        return html.Span(words)
    return html.Span(
        [icon("hourglass-split"), f" slow: {words}"],
        className="slow-mark",
        title="Clearly longer than usual: over 1.5 times the median of the runs before it, and by at least 5 s.",
    )


def details_page(details: RunDetails, names: dict[str, str], paths: Paths) -> Component:
    """A run that was opened: its figures, who was not reached, its attempts by vessel."""
    run = details.run
    return html.Section(
        [
            html.P(inner_link("All runs", paths.runs())),
            html.Div([html.H1(["Run ", run.run_id]), run_badge(run.status)], className="section-head"),
            html.P(run.error_message, className="hint") if run.error_message else None,
            html.Dl([html.Div([html.Dt(name), html.Dd(value)]) for name, value in _facts(run)], className="figures"),
            *_unreachable(details, names, paths),
            *_retried(details, names, paths),
            html.H2("Attempts"),
            _attempts(details.attempts, names, paths),
        ],
        id=ids.RUN_DETAILS,
        **attributes({"data-run-id": run.run_id, "data-status": run.status.value}),
    )


def _facts(run: Run) -> list[tuple[str, Component | str]]:
    return [
        ("Started", formats.time(run.start_time)),
        ("Trigger", run.trigger.value.capitalize()),
        ("Duration", _duration(run)),
        ("Reached", formats.number(f"{run.successful_vessels}", f"of {run.total_vessels}")),
        ("Not reached", formats.number(str(run.failed_vessels))),
        ("Retries", formats.number(str(run.retry_attempts))),
        ("Time in retries", formats.seconds(run.retry_seconds) if run.end_time else "under way"),
        ("Waited for them", formats.seconds(run.retry_wait_seconds) if run.end_time else "under way"),
    ]


def _unreachable(details: RunDetails, names: dict[str, str], paths: Paths) -> list[Component]:
    if not details.unreachable_vessels:
        return []
    return [
        html.H2("Not reached"),
        html.Ul([html.Li(_vessel(v, names, paths)) for v in details.unreachable_vessels], className="vessel-links"),
    ]


def _retried(details: RunDetails, names: dict[str, str], paths: Paths) -> list[Component]:
    if not details.retry_summary:
        return []
    return [
        html.H2("Needed retries"),
        html.Ul(
            [
                html.Li([_vessel(vessel, names, paths), f" {formats.count(retries, 'retry', 'retries')}"])
                for vessel, retries in sorted(details.retry_summary.items(), key=lambda item: (-item[1], item[0]))
            ],
            className="vessel-links",
        ),
    ]


def _vessel(vessel_id: str, names: dict[str, str], paths: Paths) -> Component:
    return inner_link(names.get(vessel_id, vessel_id), paths.vessel(vessel_id))


def _attempts(attempts: Sequence[Attempt], names: dict[str, str], paths: Paths) -> Component:
    if not attempts:
        return states.empty("No attempt has ended yet.")
    failing = {attempt.vessel_id for attempt in attempts if not attempt.success}
    ordered = sorted(attempts, key=lambda a: (a.vessel_id not in failing, a.vessel_id, a.attempt_number))
    columns = ("Vessel", "Attempt", "Result", "Waited before", "Took", "What happened", "Ended")
    return html.Div(
        html.Table(
            [
                html.Caption("Attempts by vessel, those with trouble first", className="visually-hidden"),
                html.Thead(html.Tr([html.Th(name, scope="col") for name in columns])),
                html.Tbody([_attempt(attempt, names, paths) for attempt in ordered]),
            ],
            className="table-plain",
        ),
        className="table-scroll",
        tabIndex=0,
        role="region",
        **attributes({"aria-label": "Attempts"}),
    )


def _attempt(attempt: Attempt, names: dict[str, str], paths: Paths) -> Component:
    result: list[Component | str] = [icon("check-lg"), " answered"] if attempt.success else [icon("x-lg"), " failed"]
    is_retry = attempt.kind is AttemptKind.RETRY
    return html.Tr(
        [
            html.Td(_vessel(attempt.vessel_id, names, paths)),
            html.Td(f"{attempt.attempt_number}, {attempt.kind.value}"),
            html.Td(html.Span(result)),
            html.Td(formats.seconds(attempt.backoff_seconds) if is_retry else "", className="figure-cell"),
            html.Td(formats.seconds(attempt.query_duration_seconds), className="figure-cell"),
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
