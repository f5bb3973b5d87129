"""The numbers behind the charts: vessels, the time line, components, outages; each also as CSV."""

from collections.abc import Iterable, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from fleetdash.domain.analytics.run_statistics import percent
from fleetdash.domain.analytics.summary import Analytics, Outage, VesselPerformance
from fleetdash.domain.analytics.time_buckets import TimeBucket
from fleetdash.web.attributes import attributes
from fleetdash.web.figures.ranked import outage_what
from fleetdash.web.figures.theme import runs_of
from fleetdash.web.paths import Paths
from fleetdash.web.text import formats
from fleetdash.web.text import narrative as words
from fleetdash.web.text import period_formats as times
from fleetdash.web.views.analytics.page import query
from fleetdash.web.views.badges import icon, service_badge
from fleetdash.web.views.links import inner_link

Cell = tuple[Any, bool]
"""What stands in it, and whether it is a figure."""


def tables(a: Analytics, paths: Paths) -> list[Component]:
    """The vessels stand open; the rest is there for those who want it."""
    return [
        _table(
            a,
            paths,
            "vessels",
            f"Vessels ({len(a.vessels)})",
            _VESSELS,
            [_vessel(s, paths) for s in a.vessels],
            open=True,
        ),
        _table(a, paths, "timeline", _timeline_title(a), _TIMES, [_time(a, s, paths) for s in a.time_buckets]),
        _table(a, paths, "components", "SLA by component", _COMPONENTS, list(_components(a))),
        _table(
            a, paths, "outages", f"Longest outages ({len(a.outages)})", _OUTAGES, [_outage(o, paths) for o in a.outages]
        ),
    ]


def _table(
    a: Analytics,
    paths: Paths,
    name: str,
    title: str,
    columns: Sequence[str],
    rows: list[list[Cell]],
    *,
    open: bool = False,
) -> Component:
    body: Component = (
        html.Div(
            html.Table(
                [
                    html.Caption(title, className="visually-hidden"),
                    html.Thead(
                        html.Tr(
                            [
                                html.Th(column, scope="col", className=_class(place, rows))
                                for place, column in enumerate(columns)
                            ]
                        )
                    ),
                    html.Tbody([html.Tr([_cell(cell) for cell in row]) for row in rows]),
                ],
                className="table-plain",
            ),
            className="table-scroll table-tall",
            tabIndex=0,
            role="region",
            **attributes({"aria-label": title}),
        )
        if rows
        else html.P("Nothing in this period.", className="hint")
    )
    csv = html.A(
        [icon("download"), "CSV"],
        href=paths.api(f"report/{name}.csv", **query(a.period)),
        className="button button-plain",
        **attributes({"aria-label": f"{title}: save as CSV"}),
    )
    return html.Details([html.Summary(title), csv, body], open=open, id=f"table-{name}", className="numbers")


def _class(place: int, rows: list[list[Cell]]) -> str | None:
    return "figure-cell" if rows and rows[0][place][1] else None


def _cell(cell: Cell) -> Component:
    content, figure = cell
    return html.Td(content, className="figure-cell" if figure else None)


def _percent(value: float | None, missing: str) -> Cell:
    return (formats.number(formats.percent(value), "%") if value is not None else formats.missing(missing), True)


_VESSELS = (
    "Vessel",
    "Now",
    "In trouble",
    "Reached",
    "Before",
    "Not reached",
    "Main reason",
    "Retries",
    "SLA met",
    "Uptime",
    "Coverage",
)


def _vessel(each: VesselPerformance, paths: Paths) -> list[Cell]:
    no_runs, no_checks = "It took part in no run of the period.", "Its equipment was never known in the period."
    left = html.Span("left", className="hint", title="The fleet file does not list it any more.")
    return [
        (inner_link(each.name, paths.vessel(each.vessel_id)), False),
        (service_badge(each.status) if each.status else left, False),
        _percent(each.trouble_percent, no_runs),
        _percent(each.success_rate_percent, no_runs),
        _percent(each.previous_rate_percent, "It took part in no run of the period before."),
        (f"{each.unreached:,}", True),
        (words.main_reason(each), False),
        (f"{each.retry_attempts:,}", True),
        _percent(each.sla_percent, no_checks),
        _percent(each.average_uptime_percent, no_checks),
        _percent(each.average_coverage_percent, no_checks),
    ]


def _timeline_title(a: Analytics) -> str:
    return f"By {a.step.value} ({len(a.time_buckets)})"


_TIMES = ("When (UTC)", "Runs", "Reached all", "Answered", "Median", "Longest", "Slow", "Retries", "Time in retries")


def _time(a: Analytics, each: TimeBucket, paths: Paths) -> list[Cell]:
    name = times.when(each, a.step).removesuffix(" UTC")
    if not each.total_runs:
        return [(name, False), ("no runs" if times.is_gap(a, each) else "", True), *[("", True)] * 7]
    return [
        (inner_link(name, runs_of(each, paths)), False),
        (f"{each.total_runs:,}", True),
        (f"{each.completed_runs:,}", True),
        _percent(each.vessel_success_rate_percent, "No vessel was asked."),
        (formats.duration(each.median_seconds), True),
        (formats.duration(each.slowest_seconds), True),
        (f"{each.slow_runs:,}", True),
        (f"{each.retry_attempts:,}", True),
        (formats.duration(each.retry_seconds), True),
    ]


_COMPONENTS = ("Component", "Checks", "Met the SLA", "Worst day", "On that day")


def _components(a: Analytics) -> Iterable[list[Cell]]:
    names = sorted({each.component for each in a.components})
    for name in names:
        days = [each for each in a.components if each.component == name and each.checks]
        if not days:
            continue
        worst = min(days, key=lambda each: each.sla_compliance_percent or 0.0)
        checks = sum(each.checks for each in days)
        yield [
            (name, False),
            (f"{checks:,}", True),
            _percent(percent(sum(each.compliant for each in days), checks), ""),
            (times.day(worst.day), False),
            _percent(worst.sla_compliance_percent, ""),
        ]


_OUTAGES = ("Vessel", "What", "Lasted", "From", "Until")


def _outage(each: Outage, paths: Paths) -> list[Cell]:
    until = formats.time(each.ended_at) if each.ended_at else "not over yet"
    return [
        (inner_link(each.name, paths.vessel(each.vessel_id)), False),
        (outage_what(each), False),
        (formats.duration(each.seconds), True),
        (formats.time(each.began_at), False),
        (until, False),
    ]
