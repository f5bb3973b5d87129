"""The run log, newest first, with its filters and links to older runs."""

from collections.abc import Mapping
from datetime import date

from dash import html
from dash.development.base_component import Component

from fleetdash.domain.read_models import RunPage
from fleetdash.domain.runs import Run, Trigger
from fleetdash.web import ids
from fleetdash.web.attributes import attributes
from fleetdash.web.paths import Paths
from fleetdash.web.run_query import RunQuery
from fleetdash.web.statuses import RUN
from fleetdash.web.text import formats
from fleetdash.web.views import fields, states
from fleetdash.web.views.badges import icon, run_badge
from fleetdash.web.views.links import inner_link

_COLUMNS = ("Started", "Status", "Trigger", "Reached", "Not reached", "Retries", "Duration", "Time spent retrying")


def log_page(
    page: RunPage,
    wanted: RunQuery,
    paths: Paths,
    *,
    names: Mapping[str, str],
    usual: Mapping[str, float],
    first_day: date | None,
) -> list[Component]:
    """`names`: of the vessels, by id; `usual`: seconds that a slow run would usually take, by run id."""
    return [
        _head(first_day),
        # a part of its own, so that a refresh does not replace it while somebody types
        _filters(names),
        html.Div(_table(page, wanted, paths, names, usual), id=ids.RUN_LOG),
        html.Nav(
            [
                _turn("Newer", ids.RUN_LOG_PREVIOUS, page.previous_cursor, wanted, paths),
                _turn("Older", ids.RUN_LOG_NEXT, page.next_cursor, wanted, paths),
            ],
            className="pager",
            **attributes({"aria-label": "Pages of the run log"}),
        ),
    ]


def _head(first_day: date | None) -> Component:
    history = f" History since {first_day.day} {first_day:%b %Y}." if first_day else ""
    hint = f"Reached includes vessels that answered on a retry.{history}"
    return html.Div([html.H1("Runs"), html.P(hint, className="hint")], className="page-head")


def _filters(names: Mapping[str, str]) -> Component:
    statuses = {fields.ALL: "All statuses"} | {each.value: style.word for each, style in RUN.items()}
    triggers = {fields.ALL: "All triggers"} | {each.value: each.value.capitalize() for each in Trigger}
    vessel = "Vessel: id or name"
    return html.Div(
        [
            fields.select(ids.RUN_FILTER_STATUS, "status", "Show runs that are", statuses),
            fields.select(ids.RUN_FILTER_TRIGGER, "trigger", "Show runs started by", triggers),
            fields.suggested(ids.RUN_FILTER_VESSEL, "vessel_id", "Show runs that asked", vessel, dict(names)),
            fields.moment(ids.RUN_FILTER_SINCE, "since", "From"),
            fields.moment(ids.RUN_FILTER_UNTIL, "until", "until"),
        ],
        className="filter-bar run-filters",
        role="search",
    )


def _turn(word: str, id: str, cursor: str | None, wanted: RunQuery, paths: Paths) -> Component:
    """A link to another page, disabled where there is none."""
    if cursor is None:
        return html.A(word, id=id, className="button is-disabled", role="link", **attributes({"aria-disabled": "true"}))
    return inner_link(word, paths.runs(**wanted.query, cursor=cursor), id=id, className="button")


def _table(
    page: RunPage, wanted: RunQuery, paths: Paths, names: Mapping[str, str], usual: Mapping[str, float]
) -> Component:
    if not page.runs:
        return _nothing(wanted, paths, names)
    return html.Div(
        html.Table(
            [
                html.Caption("Runs, newest first", className="visually-hidden"),
                html.Thead(html.Tr([html.Th(name, scope="col") for name in _COLUMNS])),
                html.Tbody([_row(run, usual.get(run.run_id), paths) for run in page.runs]),
            ],
            className="table-plain run-table",
        ),
        className="table-scroll",
        tabIndex=0,
        role="region",
        **attributes({"aria-label": "Runs"}),
    )


def _nothing(wanted: RunQuery, paths: Paths, names: Mapping[str, str]) -> Component:
    if not wanted.query:
        return states.empty("No runs yet. “Run now” starts one.")
    everything = inner_link("Show all runs", paths.runs(), className="button")
    if wanted.resolved(names) is None:
        return states.empty(f"No vessel matches “{wanted.vessel_id}”.", everything)
    return states.empty("No run matches these filters.", everything)


def _row(run: Run, usual: float | None, paths: Paths) -> Component:
    return html.Tr(
        [
            html.Td(inner_link(formats.time(run.start_time), paths.run(run.run_id))),
            html.Td(run_badge(run.status)),
            html.Td(run.trigger.value.capitalize()),
            html.Td(f"{run.successful_vessels} of {run.total_vessels}", className="figure-cell"),
            html.Td(str(run.failed_vessels), className="figure-cell"),
            html.Td(str(run.retry_attempts), className="figure-cell"),
            html.Td(duration(run, usual), className="figure-cell"),
            html.Td(formats.duration(run.retry_seconds), className="figure-cell"),
        ],
        className="run-row",
        **attributes({"data-run-id": run.run_id, "data-status": run.status.value, "data-slow": str(run.slow).lower()}),
    )


def duration(run: Run, usual: float | None) -> Component:
    """How long a run took, and how slow a slow one was. `usual`: seconds, where they are known."""
    words = formats.duration(run.duration_seconds) if run.end_time else "under way"
    if not run.slow:
        return html.Span(words)
    parts: list[Component | str] = [icon("hourglass-split"), f" {words}"]
    if usual and run.duration_seconds:
        parts.append(html.Small(f" {run.duration_seconds / usual:.1f} × as long as usual"))
    else:
        parts.append(html.Small(" slow"))
    return html.Span(
        parts,
        className="slow-mark",
        title="Clearly slower than usual: more than 1.5 times the median of the runs before it, and by at least 5 s.",
    )
