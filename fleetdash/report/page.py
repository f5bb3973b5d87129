"""The page itself: the same figures, sentences and titles as the manager's page, from the same functions."""

from typing import Any

from dash import html
from dash.development.base_component import Component

from fleetdash.domain.analytics.summary import Analytics, VesselPerformance
from fleetdash.domain.analytics.time_buckets import TimeBucket
from fleetdash.report import svg
from fleetdash.report.style import STYLE
from fleetdash.web.markup import to_html
from fleetdash.web.text import chart_titles as titles
from fleetdash.web.text import formats
from fleetdash.web.text import narrative as words
from fleetdash.web.text import period_formats as times
from fleetdash.web.text.narrative import Change, Figure
from fleetdash.web.views.analytics.methodology import RULES

MOST_VESSELS_DRAWN = 25


def report(a: Analytics) -> str:
    """HTML; every name and message in it is escaped."""
    name = f"fleetdash report, {times.dates(a.period)}"
    body = _nothing(a) if a.empty else "".join([_summary(a), _charts(a), _missed(a), _outages(a), _rules()])
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{to_html(name)}</title><style>{STYLE}</style></head><body>{svg.HATCH}"
        f"{to_html(_head(a))}<main>{body}</main>{to_html(_foot(a))}</body></html>\n"
    )


def _head(a: Analytics) -> Component:
    return html.Header(
        [
            html.H1("How well do the runs and the vessels do?"),
            html.P(f"{times.dates(a.period)}, in UTC. {_coverage(a)}", className="soft"),
        ]
    )


def _coverage(a: Analytics) -> str:
    """What the figures rest on."""
    parts = []
    if a.totals.due is not None and a.totals.due:
        parts.append(f"{formats.percent(a.totals.runs_made_percent)} % of the runs that were due were made")
    if a.totals.coverage_percent is not None:
        parts.append(f"the vessels recorded {formats.percent(a.totals.coverage_percent)} % of the pings expected")
    if a.known_since and a.known_since > a.period.since:
        parts.append(f"nothing is known before {times.day(a.known_since)} {a.known_since.year}")
    return f"Coverage of the data: {'; '.join(parts)}." if parts else "No data covers this period."


def _nothing(a: Analytics) -> str:
    begin = f" The history begins on {times.long_day(a.known_since)} {a.known_since.year}." if a.known_since else ""
    return to_html(html.P(f"No run was made in this period.{begin}"))


def _summary(a: Analytics) -> str:
    trend = words.trend(a)
    return to_html(
        [
            html.Dl([_card(each) for each in words.figures(a)], className="cards"),
            html.Section(
                [html.H2("Are we getting better?"), html.P(trend.word), html.Ul([html.Li(s) for s in trend.sentences])]
            ),
            html.Section([html.H2("Which vessels need a visit?"), _visits(a)]),
            html.Section([html.H2(words.bad_days_question(a)), _bad_days(a)]),
        ]
    )


def _card(each: Figure) -> Component:
    word = {Change.BETTER: "Better: ", Change.WORSE: "Worse: "}.get(each.change)
    return html.Div(
        [
            html.Dt(each.name),
            html.Dd(formats.number(each.value, each.unit), className="value"),
            html.Dd(f"{word}{each.against}" if word else each.against.capitalize()),
            html.Dd(each.meaning, className="soft"),
        ]
    )


def _visits(a: Analytics) -> Component:
    if not a.visits:
        return html.P("None: no vessel stands out.")
    items = [html.Li([html.Strong(s.name), *_sentences(words.visit_reasons(s, a.outages))]) for s in a.visits[:10]]
    return html.Ol(items)


def _bad_days(a: Analytics) -> Component:
    if not a.bad_days:
        return html.P("None: no day stands out.")
    return html.Ol(
        [
            html.Li(
                [
                    html.Strong(times.long_day(day.day)),
                    f" {formats.percent(day.rate_percent)} % answered.",
                    *_sentences(words.bad_day(day)),
                ]
            )
            for day in a.bad_days
        ]
    )


def _sentences(said: tuple[str, ...]) -> list[str]:
    return [f" {sentence}" for sentence in said]


def _charts(a: Analytics) -> str:
    rates = [rate for each in a.time_buckets if (rate := each.vessel_success_rate_percent) is not None]
    low = float(max(0, min(90, min(rates, default=90) // 10 * 10)))
    medians = [each.median_seconds or 0.0 for each in a.time_buckets]
    charts = (
        (titles.success_rate(a), svg.line(a, _answered, low=low, high=100, unit="%", name=titles.success_rate(a))),
        (
            titles.duration(a),
            svg.line(a, _median, low=0, high=1.1 * max(medians) or 1, unit="s", name=titles.duration(a)),
        ),
        (titles.retries(a), svg.bars(a, _retry_minutes, unit="min", name=titles.retries(a))),
        (titles.sync_history(a), svg.heat(a, a.heat[:MOST_VESSELS_DRAWN], titles.sync_history(a))),
    )
    drawn = [f"<figure>{to_html(html.H2(title))}{picture}</figure>" for title, picture in charts]
    more = len(a.heat) - MOST_VESSELS_DRAWN
    note = f"The {MOST_VESSELS_DRAWN} vessels with the most trouble; {more} others are not drawn." if more > 0 else ""
    return "".join(drawn) + to_html(html.P(note, className="soft") if note else None)


def _answered(each: TimeBucket) -> float | None:
    return each.vessel_success_rate_percent


def _median(each: TimeBucket) -> float | None:
    return each.median_seconds


def _retry_minutes(each: TimeBucket) -> float | None:
    return each.retry_seconds / 60


def _missed(a: Analytics) -> str:
    missed = a.missed_sla
    title = f"Vessels that missed the SLA ({len(missed)} of {len(a.vessels)})"
    if not missed:
        return to_html(
            html.Section([html.H2(title), html.P("None: the equipment of every known vessel met it throughout.")])
        )
    columns = ("Vessel", "SLA met", "Uptime", "Coverage", "Checks", "Reached", "Mostly failed for")
    return to_html(html.Section([html.H2(title), _table(columns, [_missed_row(each) for each in missed])]))


def _missed_row(each: VesselPerformance) -> list[tuple[Any, bool]]:
    return [
        (each.name, False),
        (_percent(each.sla_percent), True),
        (_percent(each.average_uptime_percent), True),
        (_percent(each.average_coverage_percent), True),
        (f"{each.checks:,}", True),
        (_percent(each.success_rate_percent), True),
        (words.main_reason(each), False),
    ]


def _outages(a: Analytics) -> str:
    if not a.outages:
        return to_html(html.Section([html.H2(titles.outages(a))]))
    rows = [
        [
            (each.name, False),
            (
                "not reached" if each.ip_address is None else f"{each.component or 'Unassigned'} {each.ip_address}",
                False,
            ),
            (formats.duration(each.seconds), True),
            (f"{times.day(each.began_at)} {each.began_at:%H:%M}", False),
            (f"{times.day(each.ended_at)} {each.ended_at:%H:%M}" if each.ended_at else "not over yet", False),
        ]
        for each in a.outages
    ]
    return to_html(
        html.Section([html.H2(titles.outages(a)), _table(("Vessel", "What", "Lasted", "From", "Until"), rows)])
    )


def _table(columns: tuple[str, ...], rows: list[list[tuple[Any, bool]]]) -> Component:
    kinds = ["figure-cell" if figure else None for _, figure in rows[0]]
    head = [html.Th(name, scope="col", className=kind) for name, kind in zip(columns, kinds, strict=True)]
    body = [
        html.Tr([html.Td(text, className=kind) for (text, _), kind in zip(row, kinds, strict=True)]) for row in rows
    ]
    return html.Div(html.Table([html.Thead(html.Tr(head)), html.Tbody(body)]), className="scroll")


def _percent(value: float | None) -> str:
    return "N/A" if value is None else f"{formats.percent(value)} %"


def _rules() -> str:
    rules = [each for name, text in RULES for each in (html.Dt(name), html.Dd(text))]
    return to_html(html.Section([html.H2("How these figures are reckoned"), html.Dl(rules, className="rules")]))


def _foot(a: Analytics) -> Component:
    return html.Footer(f"Made by fleetdash from the data as of {formats.utc(a.now)}.")
