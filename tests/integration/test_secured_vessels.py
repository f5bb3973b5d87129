"""Vessels behind TLS: good certificates are taken, also a company's own; what does not hold is told and not retried."""

import socket
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from fleetdash.domain.pings import QueryContext
from fleetdash.domain.runs import ErrorKind
from fleetdash.errors import VesselQueryError
from fleetdash.influx import transport
from tests.support import present
from tests.support.certificates import Authority
from tests.support.raw_vessel import RawVessel, http, nothing_recorded, says, says_and_closes
from tests.support.vessels import client, vessel_at

GOOD = says(http("200 OK", nothing_recorded()))


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Authority]:
    """Trusted for the time of the test, as the machine's own authorities are."""
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    transport.shared_tls_context.cache_clear()
    yield authority
    transport.shared_tls_context.cache_clear()


def failure_of(url: str, timeout: float = 3.0) -> VesselQueryError:
    with pytest.raises(VesselQueryError) as caught:
        client(timeout).ask(vessel_at(url, user="reader", password="open-sesame"), QueryContext())
    assert not any(word in str(caught.value) for word in ("_ssl.c", "Errno", "Traceback", "HTTPSConnectionPool"))
    return caught.value


def test_a_vessel_with_a_good_certificate_is_asked(authority: Authority) -> None:
    with RawVessel(GOOD, tls=authority.server()) as vessel:
        assert client(3).ask(vessel_at(vessel.url), QueryContext()).pings == ()


def test_an_expired_certificate_is_refused(authority: Authority) -> None:
    expired = authority.server(until=present.now() - timedelta(days=1))
    with RawVessel(GOOD, tls=expired) as vessel:
        error = failure_of(vessel.url)
    assert (error.kind, error.retryable) == (ErrorKind.TLS, False)
    assert "expired" in str(error)


def test_a_certificate_for_another_host_is_refused(authority: Authority) -> None:
    with RawVessel(GOOD, tls=authority.server("127.0.0.9")) as vessel:
        error = failure_of(vessel.url)
    assert error.kind is ErrorKind.TLS
    assert "127.0.0.1" in str(error)
    assert vessel.requests == []


def test_a_certificate_of_nobody_we_know_is_refused(tmp_path: Path) -> None:
    with RawVessel(GOOD, tls=Authority(tmp_path).server()) as vessel:
        assert failure_of(vessel.url).kind is ErrorKind.TLS
    assert vessel.requests == []


def test_a_vessel_that_speaks_plain_http_where_tls_was_asked_for_is_told(authority: Authority) -> None:
    with RawVessel(says_and_closes(http("400 Bad Request")), read_request=False) as vessel:
        assert failure_of(vessel.url.replace("http:", "https:")).kind is ErrorKind.TLS


def test_a_connection_closed_before_it_is_secured_is_a_lost_one(authority: Authority) -> None:
    with RawVessel(says_and_closes(b""), read_request=False) as vessel:
        assert failure_of(vessel.url.replace("http:", "https:")).kind is ErrorKind.CONNECTION


def test_a_handshake_that_never_ends_is_a_timeout(authority: Authority) -> None:
    with RawVessel(lambda _: None, read_request=False) as vessel:
        started = time.monotonic()
        assert failure_of(vessel.url.replace("http:", "https:"), 0.5).kind is ErrorKind.TIMEOUT
    assert time.monotonic() - started < 2


def test_an_answer_that_drips_through_tls_ends_at_the_deadline(authority: Authority) -> None:
    def drip(connection: socket.socket) -> None:
        connection.sendall(http("200 OK", headers={"Content-Length": "9999"}))
        while not vessel.wait_for_end(0.05):
            connection.sendall(b" ")

    with RawVessel(drip, tls=authority.server()) as vessel:
        started = time.monotonic()
        assert failure_of(vessel.url, 1.0).kind is ErrorKind.TIMEOUT
    assert time.monotonic() - started < 3
