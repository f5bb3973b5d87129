"""A vessel's modal: by keyboard, by address, and what it says."""

import pytest
from dash.testing.browser import Browser
from selenium.webdriver.common.keys import Keys

from fleetdash.demo.vessels import DEVICES
from tests.browser.casts import CROWDED, FLAKY, ODD, ODD_ADDRESS, OWN_NETWORK, UNPLUGGED
from tests.browser.conftest import Serve
from tests.browser.page import Page
from tests.support import axe
from tests.support.waiting import wait_until

pytestmark = pytest.mark.browser

ROW = "#vessel-devices tbody tr"


def test_a_card_opened_and_closed_with_the_keyboard(page: Page) -> None:
    page.open("/?status=operational")
    page.shown("#fleet-filter-status").send_keys("")
    for _ in range(len(page.cards())):
        page.press(Keys.TAB)
        if page.focused().get("vesselId") == FLAKY.id:
            break
    assert page.focused()["vesselId"] == FLAKY.id
    page.press(Keys.ENTER)
    page.shown("#vessel-modal #vessel-devices .ip-address")
    assert page.address() == f"/vessels/{FLAKY.id}?status=operational"
    assert set(page.texts(f"{ROW} .ip-address")) == {device.ip_address for device in DEVICES}
    assert sorted(page.texts(f"{ROW} .cell-component")) == sorted(device.component for device in DEVICES)
    states = page.data(f"{ROW} .sync-status")
    assert [state["syncStatus"] for state in states] == ["operational"] * len(DEVICES)
    page.shown("#vessel-run-log tbody tr")
    assert page.text("#vessel-run-log").count("reached on attempt 3") == 2

    page.press(Keys.ESCAPE)
    page.gone("#vessel-modal")
    assert page.address() == "/?status=operational"
    wait_until(lambda: page.focused().get("vesselId") == FLAKY.id, "the focus to return to the card")

    page.press(Keys.ENTER)
    page.shown("#vessel-modal #vessel-devices .ip-address")
    page.driver.back()
    page.gone("#vessel-modal")
    assert page.address() == "/?status=operational"
    page.driver.forward()
    page.shown("#vessel-modal #vessel-devices .ip-address")
    page.no_complaints()


def test_a_vessel_that_is_not_reached_keeps_what_it_last_told(page: Page) -> None:
    page.open(f"/vessels/{UNPLUGGED.id}", until=f"{ROW} .ip-address")
    states = page.data(f"{ROW} .sync-status")
    assert [state["syncStatus"] for state in states] == ["sync_failed"] * len(DEVICES)
    assert len([text for text in page.texts(ROW) if "was down" in text]) == 1
    was = page.texts(f"{ROW} td:nth-child(3) small")
    assert len(was) == len(DEVICES)
    assert all(text.endswith(("ago", "just now")) for text in was)
    assert "4 attempts" in page.text("#vessel-modal .sync-reason")
    assert page.text("#vessel-run-log").count("not reached") == 1
    page.click("#vessel-close")
    page.gone("#vessel-modal")
    page.no_complaints()


def test_sorting_and_filtering_devices_survive_a_refresh(page: Page) -> None:
    page.open(f"/vessels/{OWN_NETWORK.id}", until=f"{ROW} .ip-address")
    page.click("#vessel-devices th:nth-child(2) button")
    wait_until(lambda: page.texts(f"{ROW} .ip-address") == ["10.7.0.1", "10.7.0.2", "10.7.0.10"], "sorting")
    page.click("#vessel-devices th:nth-child(2) button")
    backwards = ["10.7.0.10", "10.7.0.2", "10.7.0.1"]
    wait_until(lambda: page.texts(f"{ROW} .ip-address") == backwards, "sorting backwards")
    page.script("document.querySelector('#run-now').click()")
    page.poll_every(200)
    wait_until(lambda: page.text("#vessel-run-log").count("reached") == 3, "a run more in the modal")
    assert page.texts(f"{ROW} .ip-address") == backwards

    page.choose("#device-filter", "stale_data")
    page.shown("#vessel-devices .empty-state")
    page.choose("#device-filter", "operational")
    wait_until(lambda: page.texts(f"{ROW} .ip-address") == backwards, "the filter to show them again")
    page.no_complaints()


def test_names_and_addresses_from_vessels_are_text(page: Page) -> None:
    page.open(f"/vessels/{ODD.id}", until=f"{ROW} .ip-address")
    assert ODD_ADDRESS in page.texts(f"{ROW} .ip-address")
    assert ODD.name in page.text("#vessel-modal .modal-title")
    assert "Unassigned" in page.texts(f"{ROW} .cell-component")
    page.no_complaints()


def test_tabs_by_keyboard_and_by_address(page: Page) -> None:
    page.open(f"/vessels/{UNPLUGGED.id}?tab=runs", until="#vessel-run-log tbody tr")
    page.gone("#vessel-devices")
    page.click("#vessel-tabs-devices")
    page.shown("#vessel-devices .ip-address")
    assert page.is_shown("#vessel-run-log")
    assert page.address() == f"/vessels/{UNPLUGGED.id}"
    page.press(Keys.ARROW_RIGHT)
    page.shown("#vessel-timeline [role=img]")
    assert page.address() == f"/vessels/{UNPLUGGED.id}?tab=timeline"
    assert page.text("#vessel-tabs [aria-selected=true]") == "Status timeline"
    bars = page.script("return [...document.querySelectorAll('#vessel-timeline [role=img]')].map(bar => bar.ariaLabel)")
    assert len(bars) == 2 + len(DEVICES)
    assert all("Not reached for" in bar for bar in bars[1:])
    assert "nothing known for" in bars[0]
    assert "Link and data" in page.text("#vessel-timeline tbody")
    page.press(Keys.END)
    page.gone("#vessel-timeline")
    page.no_complaints()


def test_back_after_closing_does_not_open_it_again(page: Page) -> None:
    page.open("/?status=operational").click(f'.vessel-card[data-vessel-id="{FLAKY.id}"]')
    page.click("#vessel-tabs-timeline")
    page.shown("#vessel-timeline [role=img]")
    page.press(Keys.ESCAPE)
    page.gone("#vessel-modal")
    assert page.address() == "/?status=operational"
    page.open("/runs", until=".run-row").driver.back()
    page.shown(".vessel-card")
    assert not page.is_shown("#vessel-modal")

    page.open(f"/vessels/{FLAKY.id}?tab=timeline", until="#vessel-timeline [role=img]")
    page.click("#vessel-close")
    page.gone("#vessel-modal")
    assert page.address() == "/"
    page.driver.back()
    wait_until(lambda: page.address() == "/?status=operational", "the page before")
    assert not page.is_shown("#vessel-modal")
    page.no_complaints()


def test_an_address_is_copied_with_a_click(page: Page) -> None:
    page.open(f"/vessels/{OWN_NETWORK.id}", until=f"{ROW} .ip-address")
    page.click('[data-copy="10.7.0.2"]')
    page.shown('[data-copy="10.7.0.2"].is-copied')
    page.script("document.querySelector('#device-search').focus()")
    page.press(Keys.CONTROL + "v")
    wait_until(lambda: page.texts(f"{ROW} .ip-address") == ["10.7.0.2"], "the address to be searched")
    page.no_complaints()


def test_a_vessel_that_is_not_there(page: Page) -> None:
    page.open("/vessels/titanic", until="#vessel-modal .empty-state")
    assert "titanic" in page.text("#vessel-modal .empty-state")
    page.press(Keys.ESCAPE)
    page.gone("#vessel-modal")
    page.shown(".vessel-card")
    page.no_complaints()


def test_500_devices_are_all_there_in_order_and_found(dash_br: Browser, serve: Serve) -> None:
    served = serve(CROWDED)
    served.run()
    page = Page(dash_br, served.start().url).open(f"/vessels/{CROWDED.id}?sort=address", until=f"{ROW} .ip-address")
    addresses = [row["ipAddress"] for row in page.data(ROW)]
    assert addresses == [device.ip_address for device in CROWDED.devices or ()]
    page.script_until("return document.getAnimations().length === 0", "the modal to come to rest")
    assert axe.violations(page.driver) == []
    # as wide in each row as in the head, though each row has boxes of its own
    columns = "[...arguments[0].children].map(cell => Math.round(cell.getBoundingClientRect().left)).join()"
    ends = f"#vessel-devices thead tr, {ROW}:first-child, {ROW}:last-child"
    assert len({page.script(f"return {columns}", row) for row in page.driver.find_elements("css selector", ends)}) == 1
    page.shown("#device-search").send_keys("10.8.9.49")
    wait_until(lambda: [row["ipAddress"] for row in page.data(ROW)] == ["10.8.9.49"], "the last one to be found")
    page.no_complaints()
