"""The document itself shows the fleet; Dash takes over what it shows, and nothing is lost meanwhile."""

from collections.abc import Iterator

import pytest
import requests
from bs4 import BeautifulSoup

from tests.browser.casts import FLEET, MARKUP, ODD
from tests.browser.page import Page
from tests.browser.served import Served
from tests.support.waiting import wait_until

pytestmark = pytest.mark.browser

LIVE = "#react-entry-point .vessel-card"

WATCH = """
document.addEventListener("DOMContentLoaded", function () {
  window.firstCards = [...document.querySelectorAll(".vessel-card")];
  window.counts = new Set();
  window.twice = new Set();
  const look = function () {
    window.counts.add(document.querySelectorAll(".vessel-card").length);
    const ids = [...document.querySelectorAll("[id]")].map((each) => each.id);
    ids.filter((id, i) => ids.indexOf(id) !== i).forEach((id) => window.twice.add(id));
  };
  look();
  new MutationObserver(look).observe(document, {subtree: true, childList: true});
  BEFORE_SCRIPTS
});
"""


def document(served: Served, path: str) -> BeautifulSoup:
    """A page as a plain client reads it."""
    return BeautifulSoup(requests.get(served.url + path, timeout=10).text, "html.parser")


def cards(page: BeautifulSoup) -> list[str]:
    return [str(card["data-vessel-id"]) for card in page.select(".vessel-card")]


@pytest.fixture
def watched(page: Page) -> Iterator[Page]:
    """With a watch on what the document shows from the first; `page.script` reads it."""
    yield from _watching(page, "")


@pytest.fixture
def typed_early(page: Page) -> Iterator[Page]:
    """Somebody types into the search before any script of the page runs."""
    typing = "const search = document.getElementById('fleet-search'); search.focus(); search.value = 'Hydra';"
    yield from _watching(page, typing)


def _watching(page: Page, before_scripts: str) -> Iterator[Page]:
    source = WATCH.replace("BEFORE_SCRIPTS", before_scripts)
    added = page.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": source})
    yield page
    page.driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", added)


def test_the_document_carries_every_card_once_and_names_as_text(served: Served) -> None:
    overview = requests.get(f"{served.url}/api/fleet-overview", timeout=5).json()
    page = document(served, "/")
    assert cards(page) == [vessel["vessel_id"] for vessel in overview["vessels"]]
    (odd,) = page.select(f".vessel-card[data-vessel-id={ODD.id}]")
    assert odd["href"] == f"/vessels/{ODD.id}"
    assert [name.text for name in odd.select(".card-name")] == [MARKUP]
    assert not page.find_all("script", string="alert(1)")
    ids = [each["id"] for each in page.select("[id]")]
    assert len(ids) == len(set(ids))


def test_what_the_address_asks_for_holds_in_the_document(served: Served) -> None:
    assert cards(document(served, "/?q=hyDRA")) == ["hydra"]
    assert cards(document(served, "/?q=10.7.0.2")) == ["lyra"]
    assert document(served, "/?q=nobody").select("#fleet-grid .empty-state")
    page = document(served, "/?q=%22%3E%3Cb%3E&status=sync:operational&view=wall")
    assert [each["data-view"] for each in page.select("html")] == ["wall"]
    assert [each["value"] for each in page.select("#fleet-search")] == ['"><b>']
    assert [each["value"] for each in page.select("#fleet-filter-status option[selected]")] == ["sync:operational"]
    assert len(cards(document(served, f"/vessels/{ODD.id}?sort=-uptime"))) == len(FLEET)
    assert cards(document(served, "/runs")) == []


def test_dash_takes_over_the_very_cards_that_the_document_showed(watched: Page) -> None:
    watched.open("/", until=LIVE)
    same = "const now = [...document.querySelectorAll('.vessel-card')]; return now.length === firstCards.length"
    kept = f"{same} && now.every((card, i) => card === firstCards[i])"
    assert watched.script(kept)
    assert not watched.script("return document.getElementById('first-view')")
    # the scheduler's line is the last to be asked for
    watched.script_until("return document.querySelector('#scheduler-line').shownParts", "all answers")
    # the same content as of another version: nothing is made anew
    watched.script("dash_clientside.set_props('version', {data: 'another'})")
    watched.script_until("return document.getElementById('fleet-grid').shownParts", "the cards to be asked for")
    assert watched.script(kept)
    assert watched.script("return [...counts]") == [len(FLEET)]
    assert watched.script("return [...twice]") == []
    watched.no_complaints()


def test_what_is_typed_before_the_scripts_run_is_searched_for(typed_early: Page) -> None:
    typed_early.open("/", until=LIVE)
    typed_early.cards_become("hydra")
    assert typed_early.address() == "/?q=Hydra"
    assert typed_early.script("return document.activeElement.id + ' ' + document.activeElement.value") == (
        "fleet-search Hydra"
    )


def test_without_scripts_the_cards_are_links(page: Page) -> None:
    page.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    page.driver.get(page.url)
    page.driver.find_element("css selector", f".vessel-card[data-vessel-id={ODD.id}]").click()
    wait_until(lambda: page.address() == f"/vessels/{ODD.id}", "the vessel's address")
