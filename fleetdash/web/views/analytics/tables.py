"""The numbers behind the charts: vessels, time buckets, components, outages; each also as CSV."""

from collections.abc import Iterable, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from fleetdash.domain.analytics.outage import Outage
from fleetdash.domain.analytics.run_statistics import by_component, compliance_percent
from fleetdash.domain.analytics.summary import Analytics, VesselPerformance
from fleetdash.domain.analytics.time_buckets import TimeBucket
from fleetdash.web.attributes import attributes
from fleetdash.web.figures.theme import runs_of
from fleetdash.web.paths import Paths
from fleetdash.web.text import formats
from fleetdash.web.text import narrative as words
from fleetdash.web.text import period_formats as times
from fleetdash.web.views.analytics.page import query
from fleetdash.web.views.badges import icon, service_badge
from fleetdash.web.views.links import inner_link

Cell = tuple[Any, bool]
"""Its content, and whether it is a figure."""


def tables(a: Analytics, paths: Paths) -> list[Component]:
    """The vessels' is open; the others open on request."""
    buckets = f"By {a.step.value} ({len(a.time_buckets)})"
    vessels, outages = f"Vessels ({len(a.vessels)})", f"Longest outages ({len(a.outages)})"
    return [
        _numbers(a, paths, "vessels", vessels, vessel_table(a.vessels, vessels, paths), open=True),
        _numbers(
            a, paths, "timeline", buckets, table(_BUCKETS, [_bucket(a, b, paths) for b in a.time_buckets], buckets)
        ),
        _numbers(a, paths, "components", _SLA_TITLE, table(_COMPONENTS, list(_components(a)), _SLA_TITLE)),
        _numbers(a, paths, "outages", outages, outage_table(a.outages, outages, paths)),
    ]


def vessel_table(vessels: Sequence[VesselPerformance], title: str, paths: Paths) -> Component:
    return table(_VESSELS, [_vessel(each, paths) for each in vessels], title)


def outage_table(outages: Sequence[Outage], title: str, paths: Paths) -> Component:
    return table(_OUTAGES, [_outage(each, paths) for each in outages], title)


def table(columns: Sequence[str], rows: Sequence[Sequence[Cell]], title: str) -> Component:
    """`title`: for those who do not see where it is."""
    if not rows:
        return html.P("Nothing in this period.", className="hint")
    kinds = [_kind(figure) for _, figure in rows[0]]
    head = [html.Th(column, scope="col", className=kind) for column, kind in zip(columns, kinds, strict=True)]
    body = [html.Tr([html.Td(content, className=_kind(figure)) for content, figure in row]) for row in rows]
    caption = html.Caption(title, className="visually-hidden")
    return html.Table([caption, html.Thead(html.Tr(head)), html.Tbody(body)], className="table-plain")


def _kind(figure: bool) -> str | None:
    return "figure-cell" if figure else None


def _numbers(a: Analytics, paths: Paths, name: str, title: str, content: Component, *, open: bool = False) -> Component:
    csv = html.A(
        [icon("download"), "CSV"],
        href=paths.api(f"report/{name}.csv", **query(a.period)),
        className="button button-plain",
        **attributes({"aria-label": f"{title}: save as CSV"}),
    )
    scrolled = html.Div(
        content,
        className="table-scroll table-tall",
        tabIndex=0,
        role="region",
        **attributes({"aria-label": title}),
    )
    return html.Details([html.Summary(title), csv, scrolled], open=open, id=f"table-{name}", className="numbers")


def _percent(value: float | None, missing: str) -> Cell:
    return (formats.number(formats.percent(value), "%") if value is not None else formats.missing(missing), True)


_VESSELS = (
    "Vessel",
    "Status now",
    "Time in trouble",
    "Reached",
    "Reached before",
    "Not reached",
    "Main reason",
    "Retries",
    "SLA met",
    "Uptime",
    "Coverage",
)


def _vessel(each: VesselPerformance, paths: Paths) -> list[Cell]:
    no_runs, no_checks = "No run of the period asked it.", "Its equipment was never checked in the period."
    left = html.Span("left", className="hint", title="The fleet file no longer lists it.")
    return [
        (inner_link(each.name, paths.vessel(each.vessel_id)), False),
        (service_badge(each.status) if each.status else left, False),
        _percent(each.trouble_percent, no_runs),
        _percent(each.success_rate_percent, no_runs),
        _percent(each.previous_rate_percent, "Nothing to compare with in the period before."),
        (f"{each.unreached:,}", True),
        (words.main_reason(each), False),
        (f"{each.retry_attempts:,}", True),
        _percent(each.sla_percent, no_checks),
        _percent(each.average_uptime_percent, no_checks),
        _percent(each.average_coverage_percent, no_checks),
    ]


_BUCKETS = (
    "When (UTC)",
    "Runs",
    "Reached all",
    "Reached",
    "Median",
    "Longest",
    "Slow",
    "Retries",
    "Time spent retrying",
)


def _bucket(a: Analytics, each: TimeBucket, paths: Paths) -> list[Cell]:
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


_SLA_TITLE = "SLA by component"
_COMPONENTS = ("Component", "Checks", "Met the SLA", "Worst day", "On that day")


def _components(a: Analytics) -> Iterable[list[Cell]]:
    for name, days in sorted(by_component(a.components).items()):
        worst = min(days, key=lambda each: each.sla_compliance_percent or 0.0)
        yield [
            (name, False),
            (f"{sum(each.checks for each in days):,}", True),
            _percent(compliance_percent(days), ""),
            (times.day(worst.day), False),
            _percent(worst.sla_compliance_percent, ""),
        ]


_OUTAGES = ("Vessel", "What", "Lasted", "From", "Until")


def _outage(each: Outage, paths: Paths) -> list[Cell]:
    until = formats.time(each.ended_at) if each.ended_at else "not over yet"
    return [
        (inner_link(each.name, paths.vessel(each.vessel_id)), False),
        (words.outage_what(each), False),
        (words.lasted(each), True),
        (["at least since " if each.began_is_bound else "", formats.time(each.began_at)], False),
        (until, False),
    ]
