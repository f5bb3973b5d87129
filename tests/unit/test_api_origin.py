"""Which requests of browsers count as our own page's."""

import pytest
from starlette.requests import HTTPConnection

from fleetdash.serving.same_origin import same_origin


def asked(**headers: str) -> HTTPConnection:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return HTTPConnection({"type": "http", "headers": raw})


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "fleet.example"},
        {"host": "127.0.0.1:8050", "origin": "http://127.0.0.1:8050"},
        {"host": "FLEET.example", "origin": "https://fleet.example"},
        {"host": "fleet.example:443", "origin": "https://fleet.example"},
        {"host": "fleet.example", "origin": "https://fleet.example:8443"},  # a proxy that leaves its port out
        {"host": "[::1]:8050", "origin": "http://[::1]:8050"},
        {"host": "127.0.0.1:8050", "origin": "https://fleet.example", "x_forwarded_host": "fleet.example"},
        {"host": "127.0.0.1:8050", "origin": "https://fleet.example", "sec_fetch_site": "same-origin"},
    ],
)
def test_our_own_page_may(headers: dict[str, str]) -> None:
    assert same_origin(asked(**headers))


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "fleet.example", "origin": "https://evil.example"},
        {"host": "fleet.example", "origin": "https://fleet.example.evil.example"},
        {"host": "fleet.example:8050", "origin": "http://fleet.example:9000"},
        {"host": "fleet.example", "origin": "null"},
        {"host": "fleet.example", "origin": "http://["},
        {"host": "fleet.example", "origin": ""},
        {"host": "", "origin": "http://evil.example"},
        {"host": "fleet.example", "origin": "https://evil.example", "sec_fetch_site": "cross-site"},
    ],
)
def test_another_site_may_not(headers: dict[str, str]) -> None:
    assert not same_origin(asked(**headers))
