"""What the manager's page and the report say of a period: figures, titles, answers, charts; without a browser."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest

from fleetdash.domain.advice import advice
from fleetdash.domain.analytics.bad_times import BadTime, FailureCount
from fleetdash.domain.analytics.heat_map import HeatMap, heat_columns
from fleetdash.domain.analytics.period import Period, Step, midnight
from fleetdash.domain.analytics.run_statistics import ComponentDay
from fleetdash.domain.analytics.summary import Analytics
from fleetdash.domain.runs import ErrorKind
from fleetdash.report import report, svg
from fleetdash.web import ids
from fleetdash.web.figures import FIGURES
from fleetdash.web.figures.labels import Label, spread
from fleetdash.web.markup import to_html
from fleetdash.web.paths import Paths
from fleetdash.web.text import period_formats as times
from fleetdash.web.text.chart_titles import TITLES
from fleetdash.web.text.key_figures import Change, Figure, figures
from fleetdash.web.text.trend import trend
from fleetdash.web.views.analytics import page as views
from fleetdash.web.views.analytics.answers import answers
from fleetdash.web.views.analytics.methodology import methodology
from fleetdash.web.views.analytics.tables import tables
from tests.support.periods import (
    FIRST,
    GAP,
    MARKUP,
    NOW,
    SERVER_DOWN,
    empty_period,
    performance,
    period_of_ten_days,
    totals,
)

PATHS = Paths()


def figure(a: Analytics, name: str) -> Figure:
    return next(each for each in figures(a) if each.name == name)


def text_of(markup: str) -> str:
    """What a person reads."""
    return " ".join(re.sub(r"<[^>]*>", " ", markup).split())


def test_each_figure_stands_against_the_period_before() -> None:
    a = period_of_ten_days(
        before=totals(reached=900, compliant=990, median_duration_seconds=20.5, retry_seconds=9000.0)
    )
    answered = figure(a, "Vessels reached")
    assert (answered.value, answered.change, answered.against) == (
        "98.0",
        Change.BETTER,
        "from 90.0 % of 1,000 checks (8.0 points better)",
    )
    assert figure(a, "SLA compliance").change is Change.WORSE
    assert figure(a, "Median run time").change is Change.SAME
    retries = figure(a, "Time spent retrying")
    assert (retries.value, retries.change) == ("1 h 6 min", Change.BETTER)
    assert retries.against == "from 3 min per run in 50 runs (better)"
    made = figure(a, "Scheduled runs made")
    assert (made.value, made.meaning) == ("90.9", "5 of 55 scheduled runs were missed.")


def test_without_a_period_before_nothing_is_compared() -> None:
    a = period_of_ten_days()
    assert {each.change for each in figures(a)} == {Change.UNKNOWN}
    assert trend(a).word == "Worse in the second half."
    assert trend(a).sentences[0] == "Nothing to compare with: history began on Sat 14 Nov 2026."


@pytest.mark.parametrize(
    ("reached", "compliant", "change", "word"),
    [
        (900, 900, Change.BETTER, "Yes, better than in the 10 days before."),
        (990, 990, Change.WORSE, "No, worse than in the 10 days before."),
        (900, 990, Change.SAME, "Mixed: vessels are reached more often, equipment meets the SLA less often."),
        (980, 950, Change.SAME, "About the same as in the 10 days before."),
    ],
)
def test_are_we_getting_better(reached: int, compliant: int, change: Change, word: str) -> None:
    found = trend(period_of_ten_days(before=totals(reached=reached, compliant=compliant)))
    assert (found.change, found.word) == (change, word)


def test_vessels_that_need_action_are_named_with_the_reason() -> None:
    said = text_of(to_html(answers(period_of_ten_days(), PATHS)))
    assert "Needs someone on board (1) Broken" in said
    assert "1 of 6 devices is down: Server 10.0.0.1 for at least 31 d." in said
    assert "Fix from shore (1)" in said
    assert "Not reached since Tue 17 Nov 14:30 UTC: login refused." in said
    assert "Link to watch" not in said
    assert "Aurora" not in said


def test_a_vessel_whose_link_fails_more_than_the_others_is_to_be_watched() -> None:
    weak = performance("weak", unreached=20, kind=ErrorKind.CONNECTION)
    said = text_of(to_html(answers(period_of_ten_days(vessels=(weak, performance("aurora"))), PATHS)))
    assert "Link to watch (1) Weak" in said
    assert "Not reached in 20 of 50 runs (40.0 %): no connection." in said


def test_a_long_list_of_vessels_is_folded_and_counted() -> None:
    a = period_of_ten_days(vessels=tuple(performance(f"v{n:02}", state=SERVER_DOWN) for n in range(12)))
    page = to_html(answers(a, PATHS))
    assert "Needs someone on board (12)" in page
    assert page.index("And 9 more") > page.index("V02")
    assert 'start="4"' in page
    assert "And 2 more" in text_of(report(a))


def test_it_is_said_that_a_retry_that_succeeds_is_a_success_and_is_counted_apart() -> None:
    assert figure(period_of_ten_days(), "Vessels reached").meaning == (
        "980 of 1,000 checks reached the vessel, retries included."
    )
    assert figure(period_of_ten_days(), "Time spent retrying").meaning == "1 min 20 s per run; 70 retries in all."
    assert "succeeds when the vessel answers, on the first attempt or on a retry" in text_of(to_html(methodology()))


@pytest.mark.parametrize(
    ("before", "change", "against"),
    [
        (976, Change.SAME, "about the same as 97.6 % of 1,000 checks before"),
        (975, Change.BETTER, "from 97.5 % of 1,000 checks (0.5 points better)"),
        (985, Change.WORSE, "from 98.5 % of 1,000 checks (0.5 points worse)"),
        (984, Change.SAME, "about the same as 98.4 % of 1,000 checks before"),
    ],
)
def test_less_than_half_a_point_is_about_the_same(before: int, change: Change, against: str) -> None:
    found = figure(period_of_ten_days(before=totals(reached=before)), "Vessels reached")
    assert (found.value, found.change, found.against) == ("98.0", change, against)


def test_a_change_is_said_with_both_sample_sizes() -> None:
    a = period_of_ten_days(before=totals(asked=96, reached=96))
    assert (
        trend(a).sentences[0] == "Vessels reached: 98.0 % of 1,000 checks, from 100 % of 96 checks (2.0 points worse)."
    )


def test_halves_that_differ_by_less_than_half_a_point_are_about_the_same() -> None:
    a = period_of_ten_days()
    reached = (940, 941, 942, 938, 937, 936)
    buckets = tuple(
        replace(bucket, vessels_asked=1000, vessels_reached=each)
        for bucket, each in zip(a.time_buckets, reached, strict=False)
    )
    found = trend(replace(a, time_buckets=buckets))
    assert found.word == "About the same in both halves."
    assert found.sentences[1] == (
        "Vessels reached: 94.1 % of 3,000 checks until Mon 16 Nov, 93.7 % of 3,000 checks after it."
    )


def test_a_period_before_with_too_few_runs_is_said_to_be_that() -> None:
    a = replace(period_of_ten_days(), known_since=midnight(FIRST - timedelta(days=40)))
    assert trend(a).sentences[0] == "Too few of the scheduled runs were made to compare with the 10 days before."


def test_a_bad_day_says_when_and_why() -> None:
    said = text_of(to_html(answers(period_of_ten_days(), PATHS)))
    assert "Thursday, 19 November 60.0 % reached" in said
    assert "From 09:30 to 14:30 UTC only 20.0 % of the checks reached the vessel." in said
    assert "40 checks failed on 5 of 5 vessels, 38 of them with no answer in time." in said
    assert "points to shore" in said
    assert "2 scheduled runs were missed." in said


def test_a_quiet_period_says_that_nothing_stands_out() -> None:
    calm = tuple(performance(name) for name in ("aurora", "borealis"))
    said = text_of(to_html(answers(period_of_ten_days(vessels=calm), PATHS)))
    assert "None: no vessel stands out." in said


def test_titles_state_what_is_to_be_seen() -> None:
    a = period_of_ten_days()
    assert (
        TITLES[ids.CHART_SUCCESS_RATE](a)
        == "98.0 % of the checks reached the vessel; the worst was Thu 19 Nov, with 60.0 %"
    )
    assert TITLES[ids.CHART_DURATION](a) == "A run usually takes 20 s; 2 runs were clearly slower than usual"
    assert TITLES[ids.CHART_SLA](a) == "Server meets the SLA least often: in 90.0 % of the checks"
    assert TITLES[ids.CHART_OUTAGES](a) == "The longest outage: Server on Broken has been down for at least 31 d"
    assert TITLES[ids.CHART_SYNC_HISTORY](a) == "Every vessel answered on every day with runs; 1 day without runs"


@pytest.mark.parametrize("id_", ids.CHARTS)
def test_no_colour_is_fixed_so_that_light_and_dark_hold(id_: str) -> None:
    drawn = FIGURES[id_](period_of_ten_days(), PATHS)
    assert drawn is not None
    assert not re.findall(r'"#[0-9a-fA-F]{3,8}"|"rgb\(', drawn.to_json())


@pytest.mark.parametrize("id_", [ids.CHART_SUCCESS_RATE, ids.CHART_DURATION, ids.CHART_RETRIES])
def test_time_is_the_period_and_a_gap_is_a_gap(id_: str) -> None:
    drawn = json.loads(FIGURES[id_](period_of_ten_days(), PATHS).to_json())  # type: ignore[union-attr]  # there is one
    axes = [axis for name, axis in drawn["layout"].items() if name.startswith("xaxis")]
    assert {tuple(axis["range"]) for axis in axes} == {("2026-11-14T00:00:00", "2026-11-24T00:00:00")}
    (hatched, *_) = [trace for trace in drawn["data"] if trace.get("name") == "no runs"]
    assert [x[:10] for x in hatched["x"]] == [str(FIRST + timedelta(days=GAP))]


def test_a_line_breaks_at_a_gap_and_points_lead_to_the_runs() -> None:
    drawn = json.loads(FIGURES[ids.CHART_SUCCESS_RATE](period_of_ten_days(), PATHS).to_json())  # type: ignore[union-attr]  # there is one
    (line,) = [trace for trace in drawn["data"] if trace.get("name") == "answered"]
    assert line["y"][GAP] is None
    assert line["connectgaps"] is False
    assert line["customdata"][0] == PATHS.runs(since="2026-11-14T00:00Z", until="2026-11-15T00:00Z")
    assert line["hovertext"][5].startswith("<b>Thu 19 Nov</b><br>60 of 100 checks reached the vessel (60.0 %)")


def a_year() -> Analytics:
    """53 weeks that begin on a Wednesday; known from the 40th on, and without runs in the 45th."""
    ten_days = period_of_ten_days()
    period = Period.days(FIRST - timedelta(days=360), FIRST + timedelta(days=9))
    starts = heat_columns(period, Step.WEEK)
    known = starts[39] + timedelta(days=2)
    cells = tuple((0, 0) if place < 39 or place == 44 else (96, 95) for place in range(len(starts)))
    rows = tuple(replace(row, cells=cells) for row in ten_days.heat_map.rows)
    return replace(ten_days, period=period, known_since=known, heat_map=HeatMap(Step.WEEK, starts, rows))


def test_a_year_of_sync_history_has_weeks_that_begin_on_mondays() -> None:
    a = a_year()
    assert len(a.heat_map.starts) == 54
    assert {start.weekday() for start in a.heat_map.starts} == {0}
    assert a.heat_gaps == (a.heat_map.starts[44],)
    assert TITLES[ids.CHART_SYNC_HISTORY](a) == "Every vessel answered in every week with runs; 1 week without runs"
    drawn = json.loads(FIGURES[ids.CHART_SYNC_HISTORY](a, PATHS).to_json())  # type: ignore[union-attr]  # there is one
    (cells,) = [trace for trace in drawn["data"] if trace["type"] == "heatmap"]
    assert "the week of %{x|%-d %B %Y}" in cells["hovertemplate"]
    columns = list(drawn["layout"]["meta"]["columns"].items())
    # only what of the first and the last week lies in the period is led to
    assert columns[0] == ("2025-11-17", "&since=2025-11-19T00%3A00Z&until=2025-11-24T00%3A00Z")
    assert columns[1][1] == "&since=2025-11-24T00%3A00Z&until=2025-12-01T00%3A00Z"
    assert columns[-1] == ("2026-11-23", "&since=2026-11-23T00%3A00Z&until=2026-11-24T00%3A00Z")
    drawing = svg.draw(drawn, "vessels by weeks")
    assert drawing.count('fill="url(#hatch)"') == 1
    assert drawing.count("<rect") == 1 + 14 * len(a.heat_map.rows)


def test_a_week_is_said_by_its_monday_and_by_what_of_it_counts() -> None:
    assert times.week(date(2026, 11, 16), date(2026, 11, 22)) == "the week of 16 November 2026"
    assert times.week(date(2026, 11, 18), date(2026, 11, 22)) == "the week of 16 November 2026, from Wed 18 Nov"
    assert times.week(date(2026, 11, 16), date(2026, 11, 17)) == "the week of 16 November 2026, to Tue 17 Nov"


@pytest.mark.parametrize("id_", ids.CHARTS)
def test_names_of_vessels_are_no_markup_in_charts(id_: str) -> None:
    drawn = FIGURES[id_](period_of_ten_days(), PATHS)
    assert drawn is not None
    assert "<b onclick" not in json.dumps(drawn.to_plotly_json(), default=str).replace("\\u003c", "<")


@pytest.mark.parametrize("id_", ids.CHARTS)
def test_an_empty_period_draws_nothing_and_has_a_title(id_: str) -> None:
    empty = empty_period()
    assert FIGURES[id_](empty, PATHS) is None
    assert TITLES[id_](empty)


def test_an_empty_period_has_a_sentence_and_a_way_on() -> None:
    new = to_html(views.nothing(empty_period(), PATHS))
    assert "No runs yet" in new
    assert 'href="/"' in new
    later = to_html(views.nothing(empty_period(NOW), PATHS))
    assert "began on Monday, 23 November 2026" in later
    assert "/analytics?period=365d" in later


def test_tables_hold_the_numbers_and_lead_to_csv() -> None:
    a = period_of_ten_days()
    written = "".join(map(to_html, tables(a, PATHS)))
    assert "/api/report/vessels.csv?since=2026-11-14&amp;until=2026-11-23" in written
    assert "no runs" in written
    assert "login refused" in written
    assert "<b onclick" not in written


def drawn(id_: str, a: Analytics) -> dict[str, Any]:
    figure = FIGURES[id_](a, PATHS)
    assert figure is not None
    written: dict[str, Any] = json.loads(figure.to_json())
    return written


def test_the_bar_of_an_outage_is_cut_off_at_the_period_and_its_words_are_not() -> None:
    a = period_of_ten_days()
    chart = drawn(ids.CHART_OUTAGES, a)
    (bars,) = chart["data"]
    assert chart["layout"]["yaxis"]["ticktext"][0] == "Broken ◀"
    assert "◀" not in chart["layout"]["yaxis"]["ticktext"][1]
    assert bars["x"][0] == 9.5 * 86400
    assert bars["text"][0] == "at least 31 d  Server 10.0.0.1 down"
    assert "at least 31 d, 9 d 12 h of it within the period" in bars["hovertext"][0]
    table = text_of("".join(map(to_html, tables(a, PATHS))))
    assert "Broken Server 10.0.0.1 down at least 31 d at least since 2026-10-23 14:30:00 UTC" in table


def test_the_words_beside_the_longest_bar_have_room() -> None:
    component = "Access Point of the bridge"
    longest, *others = period_of_ten_days().outages
    a = replace(period_of_ten_days(), outages=(replace(longest, component=component), *others))
    chart = drawn(ids.CHART_OUTAGES, a)
    (bars,), (_, end) = chart["data"], chart["layout"]["xaxis"]["range"]
    beside = (end - bars["x"][0]) / end
    assert round(beside * 75, 6) >= len(bars["text"][0]) > 40


def sla_labels(**rates: Sequence[int]) -> tuple[dict[str, float], list[tuple[float, float]]]:
    """Of components with these rates on the last days: the height of each label, and from where to where leaders go."""
    a = period_of_ten_days()
    days = tuple(
        ComponentDay(name.replace("_", " "), FIRST + timedelta(days=10 - len(mine) + place), 100, rate, 99.0)
        for name, mine in rates.items()
        for place, rate in enumerate(mine)
    )
    layout = drawn(ids.CHART_SLA, replace(a, components=days))["layout"]
    labels = {each["text"].replace("<br>", " "): each["y"] for each in layout["annotations"]}
    slopes = [(each["y0"], each["y1"]) for each in layout["shapes"] if each["x1"] > 1]
    return labels, slopes


def test_each_label_of_the_sla_chart_stands_beside_its_own_line() -> None:
    """Server was worst over the period and ends at 97 %; Access Point ends below it."""
    labels, slopes = sla_labels(Access_Point=(99, 99, 96), Server=(80, 90, 97), Dashboard=(98, 95, 100))
    assert labels["Access Point"] < labels["Server"] < labels["Dashboard"]
    assert abs(labels["Access Point"] - 96) < 2
    assert abs(labels["Server"] - 97) < 2
    ends = {"Access Point": 96, "Server": 97, "Dashboard": 100}
    assert sorted(slopes) == sorted((end, labels[name]) for name, end in ends.items())


def test_lines_at_the_top_share_a_label_and_every_line_has_its_leader() -> None:
    labels, slopes = sla_labels(Camera=(100, 100), Switch=(100, 100), Server=(92, 93), Dashboard=(100, 100))
    alike = "Camera, Dashboard, Switch: 100\u00a0%"
    assert set(labels) == {"Server", alike}
    assert labels["Server"] == 93
    assert sorted(slopes) == [(93, 93), *[(100, labels[alike])] * 3]


def test_the_report_draws_what_leads_from_a_line_to_its_label() -> None:
    chart = drawn(ids.CHART_SLA, period_of_ten_days())
    with_leaders = svg.draw(chart, "sla").count("<line")
    chart["layout"]["shapes"] = []
    assert with_leaders == svg.draw(chart, "sla").count("<line") + 4


def test_labels_are_spread_up_and_down_and_stay_in_their_order() -> None:
    middles = spread([Label(50, 10), Label(52, 10), Label(49, 10), Label(90, 10)], 0, 100)
    assert middles == pytest.approx([50 + 1 / 3, 60 + 1 / 3, 40 + 1 / 3, 90])
    assert spread([Label(100, 10), Label(100, 10)], 0, 100) == [85, 95]
    assert spread([Label(0, 10)], 0, 100) == [5]


def test_one_day_of_sync_history_has_columns_of_hours_that_are_wide_enough_to_see() -> None:
    ten_days = period_of_ten_days()
    period = Period.days(FIRST, FIRST)
    starts = heat_columns(period, Step.HOUR)
    rows = tuple(replace(row, cells=((4, 4),) * 12 + ((0, 0),) + ((4, 0),) * 11) for row in ten_days.heat_map.rows)
    a = replace(ten_days, period=period, heat_map=HeatMap(Step.HOUR, starts, rows))
    assert TITLES[ids.CHART_SYNC_HISTORY](a) == "5 vessels had an hour without a single answer; 1 hour without runs"
    chart = drawn(ids.CHART_SYNC_HISTORY, a)
    cells = next(trace for trace in chart["data"] if trace["type"] == "heatmap")
    assert cells["xperiod"] == 3_600_000
    assert "%H:%M" in cells["hovertemplate"]
    assert chart["layout"]["meta"]["columns"]["2026-11-14 09:00"] == (
        "&since=2026-11-14T09%3A00Z&until=2026-11-14T10%3A00Z"
    )
    drawing = svg.draw(chart, "vessels by hours")
    widths = {float(width) for width in re.findall(r'width="([0-9.]+)"', drawing.split("<rect", 2)[2])}
    assert min(widths) > 15


def test_a_single_column_of_sync_history_is_as_wide_as_its_day() -> None:
    """Plotly draws a lone column with a period without any width."""
    ten_days, period = period_of_ten_days(), Period.days(FIRST, FIRST)
    rows = tuple(replace(row, cells=((5, 4),)) for row in ten_days.heat_map.rows)
    a = replace(ten_days, period=period, heat_map=HeatMap(Step.DAY, heat_columns(period, Step.DAY), rows))
    (cells,) = [trace for trace in drawn(ids.CHART_SYNC_HISTORY, a)["data"] if trace["type"] == "heatmap"]
    assert cells["x"] == ["2026-11-14", "2026-11-15"]
    assert [row[1] for row in cells["z"]] == [None] * 5


@pytest.mark.parametrize(
    ("hours", "said"),
    [((2, 4), "Sat 14 Nov, 02:00–04:00 UTC 40.0 % reached"), ((22, 24), "Sat 14 Nov, 22:00–24:00 UTC 40.0 % reached")],
)
def test_the_bad_hours_of_a_short_period_are_named_and_lead_to_their_runs(hours: tuple[int, int], said: str) -> None:
    since, until = (midnight(FIRST) + timedelta(hours=hour) for hour in hours)
    bad = BadTime(since, until, 100, 40, 2, 2, 0, (FailureCount(ErrorKind.TIMEOUT, 60, 5),), 5, 5)
    a = replace(period_of_ten_days(), period=Period.days(FIRST, FIRST), bad_times=(bad,))
    page = to_html(answers(a, PATHS))
    assert "Which hours were bad, and why?" in page
    assert f"{said} 60 checks failed on 5 of 5 vessels, all with no answer in time." in text_of(page)
    assert f"/runs?since=2026-11-14T{hours[0]:02}%3A00Z" in page
    quiet = text_of(to_html(answers(replace(a, bad_times=()), PATHS)))
    assert "Which hours were bad, and why? None: no hour stands out." in quiet


def test_failures_whose_reasons_are_no_longer_kept_are_not_called_nothing() -> None:
    (bad,) = period_of_ten_days().bad_times
    plain = replace(bad, reasons=(), hours=None, slots_filled=7, slow_runs=0)
    a = replace(period_of_ten_days(), bad_times=(plain,))
    assert "40 checks failed; the reasons are no longer kept." in text_of(to_html(answers(a, PATHS)))


class _Outside(HTMLParser):
    """Collects whatever a page would fetch or run, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.fetched += [f"{tag} {name}" for name, _ in attrs if name in ("src", "href", "srcset") or name[:2] == "on"]


def test_the_report_is_one_page_that_needs_nothing_else() -> None:
    a = period_of_ten_days(before=totals(reached=900))
    written = report(a)
    page = _Outside()
    page.feed(written)
    assert page.fetched == []
    assert not {"script", "link", "iframe", "img"} & set(page.tags)
    assert "url(http" not in written
    assert page.tags.count("svg") == 1 + len(ids.CHARTS)
    said = text_of(written)
    assert "Coverage: 90.9 % of the scheduled runs were made; the vessels recorded 99.0 %" in said
    assert "Vessels that missed the SLA (1 of 5)" in said
    for each in figures(a):
        assert f"{each.name} {each.value}" in said
    for id_ in ids.CHARTS:
        assert TITLES[id_](a) in unescape(said)
    assert MARKUP not in written


def test_the_report_of_an_empty_period_says_so() -> None:
    said = text_of(report(empty_period()))
    assert "No run was made in this period." in said
    assert "There is no data for this period." in said


def test_a_vessel_that_is_not_reached_is_listed_with_what_to_do() -> None:
    said = text_of(to_html(answers(period_of_ten_days(), PATHS)))
    assert said.count("What to do: ") == said.count(f"What to do: {advice(ErrorKind.AUTHENTICATION)}") == 1
