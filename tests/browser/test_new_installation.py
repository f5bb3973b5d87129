"""Little or nothing to show: each state looks intended."""

from dataclasses import replace

import pytest
from dash.testing.browser import Browser

from fleetdash.demo.behaviour import Reaction, always
from tests.browser.casts import FLAKY, SERVER_DOWN, WELL
from tests.browser.conftest import Serve
from tests.browser.page import Page

pytestmark = pytest.mark.browser


def test_a_page_beside_a_scheduler_that_never_ran(dash_br: Browser, serve: Serve) -> None:
    page = Page(dash_br, serve(WELL, scheduling=False).start().url).open("/", until="#fleet-grid .empty-state")
    assert "[[vessels]]" in page.text("#fleet-grid .empty-state")
    assert set(page.texts(".fleet-tile .tile-count")) == {"0"}
    page.open("/runs", until="#run-log .empty-state")
    page.click("#run-now")
    page.shown("#run-now-message")
    page.no_complaints()


def test_a_fleet_that_was_never_asked(dash_br: Browser, serve: Serve) -> None:
    page = Page(dash_br, serve(WELL, SERVER_DOWN, FLAKY).start().url).open("/")
    assert {card["syncStatus"] for card in page.data(".vessel-card")} == {"no_history"}
    assert "Not checked yet" in page.text("#scheduler-line")
    page.click(".vessel-card")
    page.shown("#vessel-run-log .empty-state")
    page.open("/runs", until="#run-log .empty-state")
    page.no_complaints()


def test_a_fleet_of_one_that_was_never_reached(dash_br: Browser, serve: Serve) -> None:
    served = serve(replace(WELL, behaviour=always(Reaction.CLOSE)))
    served.run()
    page = Page(dash_br, served.start().url).open("/")
    assert [(card["status"], card["syncStatus"]) for card in page.data(".vessel-card")] == [("unknown", "sync_failed")]
    page.click(".vessel-card")
    page.shown("#vessel-devices .ip-address")
    assert "never" in page.text("#vessel-modal .sync-reason")
    page.no_complaints()
