"""The fleet: cards, tiles, search and filters."""

import pytest
import requests

from fleetdash.domain.status import SERVICE_ORDER, SYNC_ORDER, ServiceStatus, SyncStatus
from tests.browser.casts import MARKUP, ODD
from tests.browser.page import Page
from tests.browser.served import Served
from tests.support.waiting import wait_until

pytestmark = pytest.mark.browser


def test_the_fleet_opens_and_its_tiles_agree_with_its_cards(page: Page, served: Served) -> None:
    overview = requests.get(f"{served.url}/api/fleet-overview", timeout=5).json()
    page.open("/")
    cards = page.data(".vessel-card")
    shown = [(card["vesselId"], card["status"], card["syncStatus"]) for card in cards]
    assert shown == [(vessel["vessel_id"], vessel["status"], vessel["sync_status"]) for vessel in overview["vessels"]]
    down = {vessel["vessel_id"] for vessel in overview["vessels"] if vessel["devices_down"]}
    assert {card["vesselId"] for card in cards if "devicesDown" in card} == down
    ranks = [(SERVICE_ORDER[ServiceStatus(s)], SYNC_ORDER[SyncStatus(y)]) for _, s, y in shown]
    assert ranks == sorted(ranks)
    assert {y for _, _, y in shown} == {status.value for status in SyncStatus} - {"down"}

    for name in [tile["filter"] for tile in page.data(".fleet-tile") if tile["filter"] != "all"]:
        tile = f'.fleet-tile[data-filter="{name}"]'
        count = int(page.text(f"{tile} .tile-count"))
        expected = [
            v for v, service, sync in shown if name in (service, f"sync:{sync}") or (name == "down" and v in down)
        ]
        assert count == len(expected)
        page.click(tile)
        page.cards_become(*expected)
        page.click(f"{tile}.is-active")
        page.cards_become(*(vessel_id for vessel_id, _, _ in shown))
    assert page.address() == "/"
    page.no_complaints()


def test_search_and_filter_stand_in_the_address_and_survive_a_reload(page: Page) -> None:
    page.open("/")
    page.search("Hydra")
    page.cards_become("hydra")
    page.search("LOCK")
    page.cards_become("locked")
    page.search("10.7.0.2")
    page.cards_become("lyra")
    page.search("<script>")
    page.cards_become(ODD.id)
    assert page.texts(".vessel-card .card-name") == [MARKUP]
    page.search("nobody has this name")
    page.shown("#fleet-grid .empty-state")

    page.search("r")
    wait_until(lambda: "aurora" in page.cards(), "the search for r")
    page.choose("#fleet-filter-status", "sync:operational")
    wait_until(lambda: {card["syncStatus"] for card in page.data(".vessel-card")} == {"operational"}, "the filter")
    found = page.cards()
    assert page.address() == "/?q=r&status=sync%3Aoperational"
    assert "aurora" in found

    page.driver.refresh()
    page.shown(".vessel-card")
    page.cards_become(*found)
    assert page.shown("#fleet-search").get_attribute("value") == "r"
    assert page.shown("#fleet-filter-status").get_attribute("value") == "sync:operational"
    page.choose("#fleet-filter-status", "all")
    wait_until(lambda: len(page.cards()) > len(found), "the filter to be taken off")
    assert page.address() == "/?q=r"
    page.no_complaints()


def test_every_status_is_explained(page: Page) -> None:
    page.open("/")
    page.shown("#status-legend dd")
    assert len(page.texts("#status-legend dd")) == len(SyncStatus) + len(ServiceStatus)
    assert all(page.texts("#status-legend dd"))
    page.no_complaints()


def test_the_wall_stands_in_the_address_and_shows_the_same_cards(page: Page) -> None:
    page.open("/?status=unknown")
    cards = page.cards()
    tall = page.script("return document.querySelector('#fleet-grid').clientHeight")
    page.choose("#fleet-view", "wall")
    wait_until(lambda: page.script("return document.querySelector('#fleet-grid').clientHeight") < tall, "the wall")
    assert page.address() == "/?status=unknown&view=wall"
    assert page.cards() == cards
    page.click(".vessel-card")
    page.shown("#vessel-devices .ip-address")
    page.click("#vessel-close")
    page.gone("#vessel-modal")
    assert page.address() == "/?status=unknown&view=wall"
    page.no_complaints()
