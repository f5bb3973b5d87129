"""What reaches the browser: little, compressed, kept for good; and next to nothing while nothing changes."""

import pytest
import requests

from tests.browser.page import Page
from tests.browser.served import Served
from tests.support.waiting import wait_until

pytestmark = pytest.mark.browser

IDLE_BYTES = 300
"""Of the answer, its headers included."""

FIRST_VIEW_BYTES = 450_000


def test_the_first_view_is_small_compressed_and_kept_for_good(page: Page, served: Served) -> None:
    page.open("/")
    loaded: list[dict[str, object]] = page.script(
        "return performance.getEntriesByType('resource').map(({name, transferSize}) => ({name, transferSize}))"
    )
    names = [str(each["name"]) for each in loaded]
    assert not [name for name in names if "plotly" in name or "graph" in name]
    assert all(name.startswith(served.url) for name in names)
    assert sum(int(str(each["transferSize"])) for each in loaded) < FIRST_VIEW_BYTES
    static = [name for name in names if name.endswith((".js", ".css")) or ".js?" in name or ".css?" in name]
    assert len(static) > 8
    for name in static:
        answer = requests.get(name, headers={"Accept-Encoding": "gzip"}, timeout=10)
        assert answer.headers["Content-Encoding"] == "gzip", name
        assert "immutable" in answer.headers["Cache-Control"], name
        plain = requests.get(name, headers={"Accept-Encoding": "identity"}, timeout=10)
        assert "Content-Encoding" not in plain.headers
        assert plain.content == answer.content
    page.no_complaints()


def test_an_idle_poll_is_next_to_nothing(page: Page, served: Served) -> None:
    page.open("/")
    page.poll_every(100)
    sizes = """return performance.getEntriesByType('resource')
        .filter(each => each.name.endsWith('/api/version')).map(each => each.transferSize).slice(2)"""
    polls = wait_until(lambda: len(found := page.script(sizes)) >= 5 and found, "some polls")
    # of an answer with 304 the browser counts 300 bytes for its headers, however long they are
    assert set(polls) <= set(range(IDLE_BYTES + 1))
    newest = requests.get(f"{served.url}/api/version", timeout=10)
    idle = requests.get(newest.url, headers={"If-None-Match": newest.headers["ETag"]}, timeout=10)
    assert (idle.status_code, idle.content) == (304, b"")
    assert sum(len(name) + len(value) + 4 for name, value in idle.headers.items()) < IDLE_BYTES


@pytest.mark.parametrize("path", ["/nowhere", "/runs/1/2", "/vessels", "/favicon.ico"])
def test_an_address_that_no_page_has_is_answered_with_404(served: Served, path: str) -> None:
    answer = requests.get(served.url + path, timeout=10)
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "text/html; charset=utf-8")


@pytest.mark.parametrize("path", ["/", "/runs", "/runs/", "/runs/999", "/vessels/titanic", "/analytics"])
def test_the_addresses_of_pages_are_answered(served: Served, path: str) -> None:
    assert requests.get(served.url + path, timeout=10).status_code == 200
