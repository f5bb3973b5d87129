"""The manager's page: charts that load nowhere else, periods in the address, and the way to what is behind a figure."""

from datetime import timedelta

import pytest
from dash.testing.browser import Browser
from selenium.webdriver.common.action_chains import ActionChains

from fleetdash.web import ids
from tests.browser.casts import WELL
from tests.browser.conftest import Serve
from tests.browser.page import Page
from tests.browser.served import Served
from tests.support import present, story
from tests.support.waiting import wait_until

pytestmark = pytest.mark.browser

CONTRACT = ("chart-success-rate", "chart-duration", "chart-retries", "chart-reliability", "chart-sync-history")


@pytest.fixture
def seventeen_days() -> story.Story:
    return story.Story(present.now(), days=17, every=timedelta(hours=2))


@pytest.fixture
def told(serve: Serve, seventeen_days: story.Story) -> Served:
    """Two and a half weeks of the story's fleet, served without a scheduler."""
    served = serve(WELL, scheduling=False)
    story.write_story(served.database, seventeen_days)
    return served.start()


def drawn(page: Page) -> None:
    """Wait until every chart is."""
    charts = "document.querySelectorAll('#analytics-charts .chart-card.is-drawn').length"
    wait_until(lambda: page.script(f"return {charts}") == len(ids.CHARTS), "the charts to be drawn", seconds=20)
    page.shown("#chart-success-rate .scatterlayer path.js-line")


def titled(page: Page, text: str) -> None:
    wait_until(lambda: text in page.text("#analytics-head .analytics-title"), f"the period {text}")


def test_a_manager_finds_the_answers_and_what_is_behind_them(
    dash_br: Browser, told: Served, seventeen_days: story.Story
) -> None:
    bad_day = f"{seventeen_days.bad_day:%A}"
    page = Page(dash_br, told.url)
    page.open("/")
    assert page.script("return typeof window.Plotly") == "undefined"
    page.click("#navigation a[href='/analytics']")
    drawn(page)
    assert not page.is_shown("#fleet-grid")
    for id_ in CONTRACT:
        page.shown(f"#{id_} .main-svg")
    assert page.script("return performance.getEntriesByType('resource').every(r => r.name.startsWith(location.origin))")
    assert len(page.texts(".figure-card")) == 7
    visits, trend, days = page.texts(".answer")
    for vessel_id in (story.LOCKED_OUT, story.LOOSE_DISH, story.BROKEN_SERVER):
        assert page.is_shown(f".answer a[href='/vessels/{vessel_id}']"), visits
    assert "login refused" in visits
    assert trend
    assert bad_day in days
    assert "no answer in time" in days

    page.click(".period-choices a[href='/analytics?period=7d']")
    wait_until(lambda: page.address() == "/analytics?period=7d", "the address")
    wait_until(lambda: "By hour" in page.text("#analytics-tables"), "hours")
    page.click(".answer a[href^='/analytics?from=']")
    titled(page, bad_day)
    wait_until(lambda: "Which hours were bad" in page.text(".answer"), "the day's own answer")
    page.driver.back()
    wait_until(lambda: page.address() == "/analytics?period=7d", "the step back")
    wait_until(lambda: "Which days were bad" in page.text(".answer"), "the answers of the period before")
    drawn(page)
    bar = page.shown("#chart-reliability .bars .point")
    page.script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", bar)
    ActionChains(page.driver).move_to_element(bar).perform()
    page.shown("#chart-reliability .hovertext")
    assert "login refused" in page.script("return document.querySelector('#chart-reliability .hovertext').textContent")
    ActionChains(page.driver).click().perform()
    page.shown("#vessel-modal")
    wait_until(lambda: page.address() == f"/vessels/{story.LOCKED_OUT}", "the vessel behind the bar")
    page.no_complaints()


def test_a_cell_of_the_sync_history_leads_to_the_vessels_runs_of_its_week(dash_br: Browser, told: Served) -> None:
    page = Page(dash_br, told.url)
    page.open("/analytics?period=365d", until="#analytics-charts")
    drawn(page)
    cells = page.shown("#chart-sync-history .nsewdrag")
    page.script("arguments[0].scrollIntoView({block: 'start', behavior: 'instant'})", cells)
    right = cells.size["width"] - 3  # the newest column, of the first vessel
    ActionChains(page.driver).move_to_element_with_offset(cells, right, 6).perform()
    page.shown("#chart-sync-history .hovertext")
    today = present.now().date()
    monday = today - timedelta(days=today.weekday())
    hover = page.script("return document.querySelector('#chart-sync-history .hovertext').textContent")
    assert f"the week of {monday.day} {monday:%B %Y}: " in hover
    ActionChains(page.driver).click().perform()
    wait_until(lambda: page.address().startswith("/runs?vessel_id="), "the vessel's runs")
    assert f"since={monday}T00%3A00Z" in page.address()
    page.no_complaints()


def test_one_day_of_sync_history_is_drawn_by_hours_that_lead_to_their_runs(dash_br: Browser, told: Served) -> None:
    page = Page(dash_br, told.url)
    day = present.now().date() - timedelta(days=1)
    page.open(f"/analytics?from={day}&to={day}", until="#analytics-charts")
    drawn(page)
    plot = page.shown("#chart-sync-history .nsewdrag")
    page.shown("#chart-sync-history .hm image")
    assert page.script("return document.querySelector('#chart-sync-history .hm image').getBBox().width") > 500
    page.script("arguments[0].scrollIntoView({block: 'start', behavior: 'instant'})", plot)
    middle_of_the_fifth_hour = round(plot.size["width"] * 4.5 / 24)
    ActionChains(page.driver).move_to_element_with_offset(plot, middle_of_the_fifth_hour, 6).perform()
    page.shown("#chart-sync-history .hovertext")
    hover = page.script("return document.querySelector('#chart-sync-history .hovertext').textContent")
    assert f"{day:%a} {day.day} {day:%b}, 04:00 UTC: " in hover
    ActionChains(page.driver).click().perform()
    wait_until(lambda: page.address().startswith("/runs?vessel_id="), "the vessel's runs")
    assert f"since={day}T04%3A00Z&until={day}T05%3A00Z" in page.address()
    page.no_complaints()


def test_each_label_of_the_sla_chart_is_led_to_from_the_end_of_its_line(dash_br: Browser, told: Served) -> None:
    page = Page(dash_br, told.url)
    page.open("/analytics?period=7d", until="#analytics-charts")
    drawn(page)
    labels = page.script("return [...document.querySelectorAll('#chart-sla .annotation')].map(a => a.textContent)")
    assert labels == ["Server", "Access Point,Dashboard: 100\u00a0%"]
    rights = page.script(
        "return [...document.querySelectorAll('#chart-sla .shapelayer path')].map(p => p.getBoundingClientRect().right)"
    )
    plot = page.script("return document.querySelector('#chart-sla .nsewdrag').getBoundingClientRect().right")
    assert len([right for right in rights if right > plot + 2]) == 3, "a leader reaches its label, beyond the plot"


def test_charts_follow_the_theme_and_a_poll_leaves_them_alone(dash_br: Browser, told: Served) -> None:
    page = Page(dash_br, told.url)
    page.open("/analytics?period=7d", until="#analytics-charts")
    drawn(page)
    line = "getComputedStyle(document.querySelector('#chart-success-rate path.js-line')).stroke"
    before = page.script(f"return {line}")
    page.click("#theme-switch")
    wait_until(lambda: page.script(f"return {line}") != before, "the colours of the other theme")
    page.script("document.querySelector('#table-timeline').open = true")
    page.script("document.querySelector('.own-period input[name=from]').value = '2026-01-02'")
    page.script("document.querySelector('#chart-success-rate path.js-line').dataset.mark = 'kept'")
    page.script("dash_clientside.set_props('version', {data: 'another'})")
    page.script("window.answered = 0; dash_clientside.set_props('refresh-interval', {interval: 200})")
    wait_until(lambda: page.script("return document.querySelector('#scheduler-line').innerText") != "", "a poll")
    assert page.script("return document.querySelector('#table-timeline').open")
    assert page.script("return document.querySelector('.own-period input[name=from]').value") == "2026-01-02"
    assert page.script("return document.querySelector('#chart-success-rate path.js-line').dataset.mark") == "kept"
    page.no_complaints()


def test_an_own_period_a_bad_one_and_an_empty_one(dash_br: Browser, told: Served) -> None:
    page = Page(dash_br, told.url)
    page.open("/analytics?period=fortnight", until="#analytics-head .notice")
    assert "fortnight" in page.text("#analytics-head .notice")
    titled(page, "–")
    page.script(
        "for (const name of ['from', 'to'])"
        " document.querySelector(`.own-period input[name=${name}]`).value = '2020-02-02'"
    )
    page.click(".own-period button")
    wait_until(lambda: page.address() == "/analytics?from=2020-02-02&to=2020-02-02", "the own period's address")
    page.shown("#analytics-figures .empty-state")
    page.gone("#analytics-charts")
    page.gone("#analytics-head .notice")
    page.click("#analytics-figures .empty-state a")
    drawn(page)
    page.no_complaints()


def test_a_new_installation_is_told_so(dash_br: Browser, serve: Serve) -> None:
    page = Page(dash_br, serve(WELL, scheduling=False).start().url)
    page.open("/analytics", until="#analytics-figures .empty-state")
    assert "No runs yet" in page.text("#analytics-figures")
    assert not page.is_shown("#analytics-charts")
    page.no_complaints()
