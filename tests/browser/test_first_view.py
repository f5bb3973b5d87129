"""What reaches the browser: little, compressed, kept for good; and next to nothing while nothing changes."""

import socket

import pytest
import requests

from tests.browser.page import Page
from tests.browser.served import Served

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
    assert not [name for name in names if "plotly" in name or "graph" in name or "dash_table" in name]
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


def idle_poll(page: Page, served: Served) -> bytes:
    """The page's own poll, sent again word for word, and all that comes back."""
    page.script(
        """const ask = window.fetch;
        window.fetch = function (input, options) {
          if (String(options?.body).includes('"refresh-interval.n_intervals"')) window.pollBody = options.body;
          return ask.apply(this, arguments);
        };"""
    )
    page.poll_every(100)
    body = page.script_until("return window.pollBody", "a poll")
    request = (
        f"POST /_dash-update-component HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\nContent-Type: application/json\r\n"
        f"Accept-Encoding: gzip, deflate\r\nContent-Length: {len(body.encode())}\r\nConnection: close\r\n\r\n{body}"
    )
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as connection:
        connection.sendall(request.encode())
        return b"".join(iter(lambda: connection.recv(4096), b""))


def test_an_idle_poll_is_next_to_nothing(page: Page, served: Served) -> None:
    page.open("/")
    answer = idle_poll(page, served)
    assert answer.startswith(b"HTTP/1.1 204"), answer
    assert len(answer) < IDLE_BYTES


@pytest.mark.parametrize("path", ["/nowhere", "/runs/1/2", "/vessels", "/favicon.ico"])
def test_an_address_that_no_page_has_is_answered_with_404(served: Served, path: str) -> None:
    answer = requests.get(served.url + path, timeout=10)
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "text/html; charset=utf-8")


@pytest.mark.parametrize("path", ["/", "/runs", "/runs/", "/runs/999", "/vessels/titanic", "/analytics"])
def test_the_addresses_of_pages_are_answered(served: Served, path: str) -> None:
    assert requests.get(served.url + path, timeout=10).status_code == 200
