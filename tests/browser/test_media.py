"""Statuses in forced colours and on paper."""

from collections.abc import Iterator

import pytest

from tests.browser.casts import OFFLINE, OWN_NETWORK, SERVER_DOWN, UNPLUGGED
from tests.browser.page import Page

pytestmark = pytest.mark.browser

PAPER = (718, 1000)
"""The printable part of A4 in pixels, with the browser's usual margins."""


@pytest.fixture
def page(page: Page) -> Iterator[Page]:
    """The window is the next test's too."""
    size = page.driver.get_window_size()
    yield page
    page.emulate()
    page.driver.set_window_size(size["width"], size["height"])


@pytest.mark.parametrize(
    ("path", "until", "coloured"),
    [
        ("/", ".vessel-card", ".vessel-card .shape"),
        ("/", ".vessel-card", ".fleet-tile .shape"),
        (f"/vessels/{SERVER_DOWN.id}", "#vessel-devices .ip-address", "#vessel-devices .day-strip"),
        (f"/vessels/{OFFLINE.id}?tab=timeline", "#vessel-timeline .state", "#vessel-timeline .state"),
        (f"/vessels/{OFFLINE.id}?tab=timeline", "#vessel-timeline .state", "#vessel-timeline .state-pings"),
        ("/runs/2", ".attempt-row", ".chain-bar"),
    ],
)
def test_statuses_keep_their_inks_in_forced_colours_and_on_paper(
    page: Page, path: str, until: str, coloured: str
) -> None:
    page.open(path, until=until)
    properties = ("background-color", "background-image", "color")
    normal = [page.styles(coloured, name) for name in properties]
    assert normal[0]
    page.emulate(forced_colors="active")
    assert page.script("return matchMedia('(forced-colors: active)').matches")
    assert [page.styles(coloured, name) for name in properties] == normal
    page.emulate("print")
    assert set(page.styles(coloured, "print-color-adjust")) == {"exact"}


def test_only_the_current_link_and_tab_are_marked_in_forced_colours(page: Page) -> None:
    page.open(f"/vessels/{UNPLUGGED.id}", until="#vessel-devices .ip-address")
    page.emulate(forced_colors="active")
    assert sorted(page.styles(".top-bar nav a", "border-bottom-width")) == ["0px", "0px", "2px"]
    assert page.styles(".vessel-tab", "border-bottom-width") == ["2px", "0px", "0px"]


def test_fleet_is_printed_as_one_table(page: Page) -> None:
    for view in ("/", "/?view=wall"):
        page.open(view)
        page.driver.set_window_size(*PAPER)
        page.emulate("print")
        parts = {"card-title": 1, "card-badges": 2, "card-trouble": 3, "card-since": 4}
        for part, column in parts.items():
            cells = page.script(_LEFTS, f"#fleet-grid .vessel-card > .{part}:not(:empty)")
            assert set(cells) == set(page.script(_LEFTS, f".print-head > :nth-child({column})"))
        assert page.text(".print-head").split() == ["Vessel", "Status", "What", "is", "wrong", "Since"]
        assert page.script(_ROWS) == sorted(set(page.script(_ROWS)))
        assert not page.is_shown(".filter-bar, .top-bar nav, .button")
        page.emulate()


_LEFTS = "return [...document.querySelectorAll(arguments[0])].map(each => each.getBoundingClientRect().left)"
_ROWS = "return [...document.querySelectorAll('.vessel-card')].map(each => each.getBoundingClientRect().top)"


@pytest.mark.parametrize("vessel_id", [SERVER_DOWN.id, OWN_NETWORK.id])
def test_opened_vessel_is_printed_whole(page: Page, vessel_id: str) -> None:
    page.open(f"/vessels/{vessel_id}", until="#vessel-devices .ip-address")
    page.driver.set_window_size(*PAPER)
    page.emulate("print")
    assert not page.is_shown("#vessel-modal [role=tablist], .vessel-card, .modal-backdrop")
    assert page.is_shown("#vessel-devices .day-strip")
    assert page.script(_CUT_OFF) == []


_CUT_OFF = """
  const edge = document.documentElement.clientWidth;
  const parts = [...document.querySelectorAll("#vessel-modal :is(th, td, .day-strip, .modal-body)")];
  return parts.filter((each) => each.getBoundingClientRect().right > edge || each.scrollHeight > each.clientHeight + 8)
    .map((each) => each.className + " " + each.innerText + " " + each.getBoundingClientRect().right + " " + edge);
"""


def test_paper_is_light_in_the_dark_theme(page: Page) -> None:
    page.open("/")
    light = page.styles("body", "color")
    page.script("document.documentElement.dataset.bsTheme = 'dark'")
    assert page.styles("body", "color") != light
    page.emulate("print")
    assert page.styles("body", "color") == light
