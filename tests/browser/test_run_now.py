"""A run made from the page, watched to its end."""

from dataclasses import replace

import pytest
from dash.testing.browser import Browser
from selenium.webdriver.common.keys import Keys

from tests.browser.casts import FLAKY, SERVER_DOWN, WELL
from tests.browser.conftest import Serve
from tests.browser.page import Page
from tests.support.waiting import wait_until

pytestmark = pytest.mark.browser

SLOWLY = 0.8
"""Seconds for an answer: the page asks once a second during a run."""


def test_a_run_is_watched_to_its_end_and_disturbs_nothing(dash_br: Browser, serve: Serve) -> None:
    fillers = [replace(WELL, id=f"vessel{number}", name=f"Vessel {number}") for number in range(5)]
    cast = [replace(vessel, delay_seconds=SLOWLY) for vessel in (WELL, SERVER_DOWN, FLAKY, *fillers)]
    page = Page(dash_br, serve(*cast, at_once=1).start().url)
    page.open("/")
    assert {card["syncStatus"] for card in page.data(".vessel-card")} == {"no_history"}
    page.search("is")
    page.cards_become("borealis")
    page.click('.vessel-card[data-vessel-id="borealis"]')
    page.shown("#vessel-modal .sync-status")
    page.click("#vessel-devices th:nth-child(2) button")
    page.shown('#vessel-devices th:nth-child(2)[aria-sort="ascending"]')
    page.click("#vessel-devices th:nth-child(2) button")
    wait_until(lambda: page.texts("#vessel-devices .ip-address")[:1] == ["192.168.1.60"], "sorting backwards")

    page.script("document.querySelector('#run-now').click()")
    page.shown("#run-progress")
    assert page.driver.find_element("id", "run-now").get_attribute("disabled")
    seen: list[int] = []

    def ended() -> bool:
        done = page.script("return document.querySelector('#run-progress [role=progressbar]')?.ariaValueNow")
        if done is not None and (not seen or seen[-1] != int(done)):
            seen.append(int(done))
        return not page.is_shown("#run-progress")

    wait_until(ended, "the run to end", seconds=30)
    assert len(seen) >= 4
    assert seen == sorted(seen)
    assert page.is_shown("#vessel-modal")
    assert page.texts("#vessel-devices .ip-address")[0] == "192.168.1.60"
    page.shown('#vessel-devices .sync-status[data-sync-status="down"]')
    page.press(Keys.ESCAPE)
    page.gone("#vessel-modal")
    assert page.shown("#fleet-search").get_attribute("value") == "is"
    assert page.cards() == ["borealis"]
    assert page.data(".vessel-card")[0]["syncStatus"] == "operational"
    wait_until(lambda: page.driver.find_element("id", "run-now").is_enabled(), "another run to be possible")
    page.no_complaints()
