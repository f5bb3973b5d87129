"""The page itself: the views of the manager's page, without what needs a script or leads elsewhere."""

from dataclasses import replace
from typing import Any

from dash import html
from dash.development.base_component import Component

from fleetdash.domain.analytics.summary import Analytics
from fleetdash.report import svg
from fleetdash.report.shapes import HATCH
from fleetdash.report.style import STYLE
from fleetdash.web.figures import FIGURES
from fleetdash.web.markup import to_html
from fleetdash.web.paths import Paths
from fleetdash.web.text import formats
from fleetdash.web.text import period_formats as times
from fleetdash.web.text.chart_titles import TITLES
from fleetdash.web.views.analytics import methodology, page
from fleetdash.web.views.analytics.answers import answers
from fleetdash.web.views.analytics.tables import outage_table, vessel_table

MOST_VESSELS_DRAWN = 25
MOST_NAMED = 10
_PATHS = Paths()


def report(a: Analytics) -> str:
    """HTML; every name and message in it is escaped."""
    body = to_html(_nothing(a)) if a.empty else "".join([_summary(a), _charts(a), _tables(a)])
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Fleet report, {to_html(times.dates(a.period))}</title><style>{STYLE}</style></head>"
        f"<body>{HATCH}{to_html(_head(a))}<main>{body}</main>{to_html(_foot(a))}</body></html>\n"
    )


def _head(a: Analytics) -> Component:
    return html.Header([page.title(a.period), html.P(f"All days and times are UTC. {_coverage(a)}", className="hint")])


def _coverage(a: Analytics) -> str:
    """What the figures are based on."""
    parts = []
    if a.totals.due:
        parts.append(f"{formats.percent(a.totals.runs_made_percent)} % of the scheduled runs were made")
    if a.totals.coverage_percent is not None:
        parts.append(f"the vessels recorded {formats.percent(a.totals.coverage_percent)} % of the expected pings")
    if a.known_since and a.known_since > a.period.since:
        parts.append(f"there is no data before {times.day(a.known_since)} {a.known_since.year}")
    return f"Coverage: {'; '.join(parts)}." if parts else "There is no data for this period."


def _nothing(a: Analytics) -> Component:
    began = f" History began on {times.long_day(a.known_since)} {a.known_since.year}." if a.known_since else ""
    return html.P(f"No run was made in this period.{began}")


def _summary(a: Analytics) -> str:
    return to_html(_unlinked([page.figures(a), answers(a, _PATHS, MOST_NAMED)]))


def _charts(a: Analytics) -> str:
    rows = a.heat_map.rows
    drawn = replace(a, heat_map=replace(a.heat_map, rows=rows[:MOST_VESSELS_DRAWN]))
    more = max(0, len(rows) - MOST_VESSELS_DRAWN)
    note = f"The {MOST_VESSELS_DRAWN} vessels with the most trouble; {more} others are not drawn." if more else ""
    return "".join(_chart(drawn, id_, TITLES[id_](a)) for id_ in FIGURES) + to_html(html.P(note, className="hint"))


def _chart(a: Analytics, id_: str, title: str) -> str:
    figure = FIGURES[id_](a, _PATHS)
    key = to_html(html.P(page.KEYS[id_], className="hint"))
    drawing = svg.draw(figure.to_plotly_json(), title) + key if figure else ""
    return f"<figure>{to_html(html.H2(title))}{drawing}</figure>"


def _tables(a: Analytics) -> str:
    missed = f"Vessels that missed the SLA ({len(a.missed_sla)} of {len(a.vessels)})"
    outages = f"Longest outages ({len(a.outages)})"
    none = html.P("None: the equipment of every known vessel met it throughout.")
    return to_html(
        _unlinked(
            [
                _section(missed, vessel_table(a.missed_sla, missed, _PATHS) if a.missed_sla else none),
                _section(outages, outage_table(a.outages, outages, _PATHS)),
                _section(methodology.TITLE, methodology.rules()),
            ]
        )
    )


def _section(title: str, content: Component) -> Component:
    return html.Section([html.H2(title), html.Div(content, className="scroll")])


def _unlinked(node: Any) -> Any:
    """Paper leads nowhere and opens nothing: names in place of links, and what is folded is only counted."""
    if isinstance(node, list | tuple):
        return [_unlinked(each) for each in node]
    if isinstance(node, html.A):
        return html.Span(node.children, className=vars(node).get("className"))
    if isinstance(node, html.Details):
        summary, *_ = node.children
        return html.P(summary.children)
    if isinstance(node, Component) and hasattr(node, "children"):
        node.children = _unlinked(node.children)
    return node


def _foot(a: Analytics) -> Component:
    return html.Footer(f"Made by fleetdash from the data as of {formats.utc(a.now)}.")
