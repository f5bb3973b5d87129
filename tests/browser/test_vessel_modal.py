"""A vessel's modal: by keyboard, by address, and what it says."""

import pytest
from selenium.webdriver.common.keys import Keys

from fleetdash.demo.ships import DEVICES
from tests.browser.casts import FLAKY, ODD, ODD_ADDRESS, OWN_NETWORK, UNPLUGGED
from tests.browser.page import Page
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


def test_a_ship_that_is_not_reached_keeps_what_it_last_told(page: Page) -> None:
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


def test_names_and_addresses_from_ships_are_text(page: Page) -> None:
    page.open(f"/vessels/{ODD.id}", until=f"{ROW} .ip-address")
    assert ODD_ADDRESS in page.texts(f"{ROW} .ip-address")
    assert ODD.name in page.text("#vessel-modal .modal-title")
    assert "Unassigned" in page.texts(f"{ROW} .cell-component")
    page.no_complaints()


def test_a_vessel_that_is_not_there(page: Page) -> None:
    page.open("/vessels/titanic", until="#vessel-modal .empty-state")
    assert "titanic" in page.text("#vessel-modal .empty-state")
    page.press(Keys.ESCAPE)
    page.gone("#vessel-modal")
    page.shown(".vessel-card")
    page.no_complaints()
