"""What is seen first, and that what stays the same is left alone afterwards."""

import pytest

from tests.browser.casts import FLEET, ODD
from tests.browser.page import Page

pytestmark = pytest.mark.browser


def test_the_cards_are_painted_with_the_layout_and_asked_for_only_when_something_changes(page: Page) -> None:
    page.driver.execute_cdp_cmd(
        "Page.addScriptToEvaluateOnNewDocument",
        {
            "source": """window.counts = new Set();
            new MutationObserver(() => {
              const grid = document.getElementById('fleet-grid');
              if (grid) window.counts.add(grid.children.length);
            }).observe(document, {subtree: true, childList: true});"""
        },
    )
    page.open("/")
    page.script("window.firstCards = [...document.querySelectorAll('.vessel-card')]")
    page.script_until("return document.querySelector('#scheduler-line').innerText", "the last answer")
    page.script("dash_clientside.set_props('version', {data: 'another'})")
    asked = "performance.getEntriesByType('resource').filter(each => each.name.includes('_dash-update-component'))"
    page.script_until(f"return {asked}.length > 8 && !document.querySelector('[data-dash-is-loading]')", "answers")
    assert page.script("return [...counts]") == [len(FLEET)]
    assert page.script(
        "return [...document.querySelectorAll('.vessel-card')].every((card, i) => card === firstCards[i])"
    )
    page.no_complaints()


@pytest.mark.parametrize(
    ("path", "cards"), [("/?q=hyDRA", 1), ("/?q=10.7.0.2", 1), (f"/vessels/{ODD.id}?sort=-uptime", len(FLEET))]
)
def test_the_address_holds_from_the_first(page: Page, path: str, cards: int) -> None:
    page.open(path)
    assert len(page.cards()) == cards
    page.no_complaints()
