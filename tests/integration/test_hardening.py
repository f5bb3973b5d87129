"""What strangers may try: bodies without end, foreign pages, names that lead elsewhere."""

import base64
import hashlib
import re
import socket
from collections.abc import Iterator

import peewee
import pytest
import requests
from fastapi import FastAPI
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from fleetdash import composition
from fleetdash.queries import FleetReader
from fleetdash.serving import body_limit
from fleetdash.storage.accounts import AuditLog
from tests.support.access import SchedulerStub
from tests.support.api import PROBLEM, serving
from tests.support.clock import FakeClock

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def open_app(database: peewee.Database, clock: FakeClock, *, local_only: bool = True) -> FastAPI:
    return composition.create_app(
        FleetReader(database), SchedulerStub(), AuditLog(database), clock, local_only=local_only
    )


@pytest.fixture
def served(database: peewee.Database, clock: FakeClock) -> Iterator[str]:
    with serving(open_app(database, clock)) as address:
        yield address


def raw(served: str, head: str, *chunks: bytes) -> bytes:
    """What comes back when exactly these bytes are sent."""
    host, port = served.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(f"{head}\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode())
        answer = b""
        try:
            for chunk in chunks:
                connection.sendall(chunk)
            while part := connection.recv(65536):
                answer += part
        except ConnectionError:
            pass
        return answer


@pytest.mark.parametrize("path", ["/", "/runs", "/no/such/page", "/docs", "/audit"])
def test_every_page_says_what_a_browser_may_do_with_it(served: str, path: str) -> None:
    answer = requests.get(served + path, timeout=10)
    assert answer.headers["Content-Type"].startswith("text/html")
    policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'self'"
    assert "unsafe" not in policy["script-src"]
    assert policy["frame-ancestors"] == "'none'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    inline = re.findall(r"<script(?![^>]*(?:src=|application/json))[^>]*>(.*?)</script>", answer.text, re.DOTALL)
    for script in inline:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy["script-src"]


def test_answers_other_than_pages_are_not_sniffed(served: str) -> None:
    for path in ("/api/health", "/api/vessels.csv", "/assets/fleetdash.css", "/api/no-such", "/metrics"):
        headers = requests.get(served + path, timeout=10).headers
        assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/api/scheduler-runs", "/_dash-update-component"])
def test_a_body_without_end_is_refused_before_it_is_read(served: str, path: str) -> None:
    told = raw(served, f"POST {path} HTTP/1.1\r\nContent-Length: {10**12}")
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    # the last one is the one too many: what a server left unread would reset the connection, and its answer with it
    chunks = [chunk] * (body_limit.MAX_BYTES // 0x10000 + 1)
    untold = raw(served, f"POST {path} HTTP/1.1\r\nTransfer-Encoding: chunked", *chunks)
    for answer in (told, untold):
        assert answer.startswith(b"HTTP/1.1 413 ")
        assert PROBLEM.encode() in answer


def test_a_body_that_does_not_come_is_not_waited_for(
    served: str, database: peewee.Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body_limit.BodyLimit.__init__, "__defaults__", (1000, 0.1))
    with serving(open_app(database, clock)) as impatient:
        answer = raw(impatient, "POST /api/scheduler-runs HTTP/1.1\r\nContent-Length: 10")
    assert answer.startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
@pytest.mark.parametrize("path", ["/api/scheduler-runs", "/_dash-update-component", "/anything"])
def test_another_site_changes_nothing(served: str, path: str, headers: dict[str, str]) -> None:
    answer = requests.post(served + path, headers=headers, timeout=10)
    assert (answer.status_code, answer.headers["Content-Type"]) == (403, PROBLEM)


def test_a_name_that_leads_here_from_elsewhere_is_not_answered(served: str) -> None:
    port = served.rpartition(":")[2]
    for host in (f"evil.example:{port}", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example"):
        headers = {"Host": host, "Origin": f"http://{host}"}
        assert requests.get(f"{served}/api/fleet-overview", headers=headers, timeout=10).status_code == 421
        assert requests.post(f"{served}/api/scheduler-runs", headers=headers, timeout=10).status_code == 421
    for host in (f"localhost:{port}", f"127.0.0.1:{port}", "[::1]:80"):
        assert requests.get(f"{served}/api/health", headers={"Host": host}, timeout=10).status_code == 200
    with (
        socket.create_connection(("127.0.0.1", int(port))) as connection,
        pytest.raises(InvalidStatus, match="421"),
        connect(f"ws://evil.example:{port}/ws/scheduler-runs", sock=connection),
    ):
        pass


def test_behind_a_proxy_any_name_is_answered(database: peewee.Database, clock: FakeClock) -> None:
    with serving(open_app(database, clock, local_only=False)) as served:
        assert requests.get(f"{served}/api/health", headers={"Host": "fleet.example"}, timeout=10).status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/assets/../app.py", "/assets/%2e%2e/app.py", "/assets/..%2fapp.py", "/bootstrap/%2e%2e/%2e%2e/__init__.py",
     "/docs/static/..%5c..%5cx", "/login/style.css/../../../app.py"],
)  # fmt: skip
def test_no_file_of_ours_is_handed_out_beside_what_is_meant(served: str, path: str) -> None:
    answer = raw(served, f"GET {path} HTTP/1.1")
    assert b"composition root" not in answer
    assert b"import " not in answer
