"""R3.4: whatever a vessel does, the attempt ends in time, as one kind of error, with words a person understands."""

import gzip
import socket
import threading
import time
import traceback
import zlib
from typing import Any

import pytest

from fleetdash.domain.pings import QueryContext, VesselAnswer, ping_count
from fleetdash.domain.runs import ErrorKind
from fleetdash.errors import RateLimited, VesselQueryError
from tests.support import present
from tests.support.raw_vessel import (
    Conduct,
    RawVessel,
    http,
    influx,
    nothing_recorded,
    says,
    says_and_closes,
    says_and_resets,
    series,
)
from tests.support.vessels import client, vessel_at

TIMEOUT = 1.0
SECRET = "open-sesame"
OK = "200 OK"
EMPTY: dict[str, list[object]] = {}
NOW = int(present.now().timestamp())
GZIP = {"Content-Encoding": "gzip"}
CHUNKED = {"Transfer-Encoding": "chunked"}


def drips(head: bytes, drop: bytes) -> Conduct:
    """A byte now and then, for ever: each one would renew a time-out that counts per read."""

    def conduct(connection: socket.socket) -> None:
        connection.sendall(head)
        pause = threading.Event()  # nobody sets it
        while not pause.wait(0.05):
            connection.sendall(drop)

    return conduct


def pours(head: bytes, piece: bytes) -> Conduct:
    """As many bytes as are taken."""

    def conduct(connection: socket.socket) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(piece)

    return conduct


def answers_wrongly(result: object, position: int = 3) -> Conduct:
    """A good answer, but for one of its five results."""
    results: list[object] = [EMPTY] * 5
    results[position] = result
    return says(http(OK, influx(*results)))


def bomb() -> bytes:
    """30 MB of blanks in 30 kB."""
    return gzip.compress(b" " * 30_000_000)


FAULTS: dict[str, tuple[Conduct, ErrorKind]] = {
    "closed at once": (says_and_closes(b""), ErrorKind.CONNECTION),
    "reset before the headers": (says_and_resets(b""), ErrorKind.CONNECTION),
    "reset during the headers": (says_and_resets(b"HTTP/1.1 200 OK\r\nContent-"), ErrorKind.CONNECTION),
    "reset during the body": (says_and_resets(http(OK, "{", {"Content-Length": "100"})), ErrorKind.CONNECTION),
    "closed during the headers": (says_and_closes(b"HTTP/1.1 200 OK\r\nContent-"), ErrorKind.CONNECTION),
    "truncated body": (says_and_closes(http(OK, '{"results"', {"Content-Length": "99"})), ErrorKind.CONNECTION),
    "truncated body that ends by closing": (
        says_and_closes(http(OK, nothing_recorded()[:-9], length=False)),
        ErrorKind.CONNECTION,
    ),
    "truncated chunk": (says_and_closes(http(OK, b"40\r\n{", CHUNKED, length=False)), ErrorKind.CONNECTION),
    "truncated gzip": (
        says_and_closes(http(OK, gzip.compress(nothing_recorded().encode())[:-12], GZIP)),
        ErrorKind.CONNECTION,
    ),
    "a length too long": (says(http(OK, nothing_recorded(), {"Content-Length": "999"})), ErrorKind.TIMEOUT),
    "a length too short": (says(http(OK, nothing_recorded(), {"Content-Length": "9"})), ErrorKind.INVALID_DATA),
    "a length that is no number": (says(http(OK, nothing_recorded(), {"Content-Length": "x"})), ErrorKind.TIMEOUT),
    "a byte now and then in the body": (drips(http(OK, "", {"Content-Length": "9999"}), b" "), ErrorKind.TIMEOUT),
    "a byte now and then in the headers": (drips(b"HTTP/1.1 200 OK\r\nX-A: ", b"a"), ErrorKind.TIMEOUT),
    "a byte now and then in the status": (drips(b"", b"H"), ErrorKind.TIMEOUT),
    "headers without end": (pours(b"HTTP/1.1 200 OK\r\n", b"X-More: and more\r\n" * 50), ErrorKind.INVALID_DATA),
    "a header line without end": (pours(b"HTTP/1.1 200 OK\r\nX: ", b"x" * 5000), ErrorKind.INVALID_DATA),
    "chunks without end": (
        pours(http(OK, b"", CHUNKED, length=False), b"400\r\n" + b" " * 1024 + b"\r\n"),
        ErrorKind.TOO_LARGE,
    ),
    "a chunk without a length": (says(http(OK, b"zz\r\n{}\r\n", CHUNKED, length=False)), ErrorKind.INVALID_DATA),
    "no HTTP at all": (says_and_closes(b"SSH-2.0-OpenSSH_9.2\r\n"), ErrorKind.INVALID_DATA),
    "gzip that is not": (says(http(OK, nothing_recorded(), GZIP)), ErrorKind.INVALID_DATA),
    "another packing": (says(http(OK, zlib.compress(b"{}"), {"Content-Encoding": "deflate"})), ErrorKind.INVALID_DATA),
    "a gzip bomb": (says(http(OK, bomb(), GZIP)), ErrorKind.TOO_LARGE),
    "5 GB announced": (says(http(OK, "{", {"Content-Length": "5000000000"})), ErrorKind.TOO_LARGE),
    "5 GB without a word": (pours(http(OK, "", length=False), b" " * 65536), ErrorKind.TOO_LARGE),
    "a page of HTML": (says(http(OK, "<html><title>Login</title></html>")), ErrorKind.INVALID_DATA),
    "JSON of something else": (says(http(OK, '{"answer": 42}')), ErrorKind.INVALID_DATA),
    "JSON that is a list": (says(http(OK, "[1, 2]")), ErrorKind.INVALID_DATA),
    "JSON nested beyond reason": (says(http(OK, "[" * 50_000 + "]" * 50_000)), ErrorKind.INVALID_DATA),
    "not UTF-8": (says(http(OK, b'{"results": ["\xff\xfe"]}')), ErrorKind.INVALID_DATA),
    "an empty body": (says(http(OK, "")), ErrorKind.INVALID_DATA),
    "204 without a body": (says(b"HTTP/1.1 204 No Content\r\n\r\n"), ErrorKind.INVALID_DATA),
    "too few results": (says(http(OK, nothing_recorded(4))), ErrorKind.INVALID_DATA),
    "results that are no list": (says(http(OK, '{"results": {"a": 1}}')), ErrorKind.INVALID_DATA),
    "a result that is no object": (answers_wrongly([1]), ErrorKind.INVALID_DATA),
    "a partial result": (answers_wrongly({"series": [], "partial": True}), ErrorKind.INVALID_DATA),
    "a partial series": (
        answers_wrongly({"series": [series("10.0.0.1", [NOW - 9, 0], partial=True)]}),
        ErrorKind.INVALID_DATA,
    ),
    "text for a time": (answers_wrongly({"series": [series("10.0.0.1", ["yesterday", 0])]}), ErrorKind.INVALID_DATA),
    "true for a time": (answers_wrongly({"series": [series("10.0.0.1", [True, 0])]}), ErrorKind.INVALID_DATA),
    "a list for a value": (answers_wrongly({"series": [series("10.0.0.1", [NOW - 9, []])]}), ErrorKind.INVALID_DATA),
    "a value too many": (answers_wrongly({"series": [series("10.0.0.1", [NOW - 9, 0, 0])]}), ErrorKind.INVALID_DATA),
    "an object for a row": (answers_wrongly({"series": [series("10.0.0.1", {"a": 1})]}), ErrorKind.INVALID_DATA),  # type: ignore[arg-type]  # on purpose
    "a number for an address": (answers_wrongly({"series": [series(7, [NOW - 9, 0])]}), ErrorKind.INVALID_DATA),  # type: ignore[arg-type]  # on purpose
    "more devices than any vessel has": (
        answers_wrongly({"series": [series(f"10.{n >> 8}.{n & 255}", [NOW - 9, 0]) for n in range(5_001)]}),
        ErrorKind.TOO_LARGE,
    ),
    "ten million series": (
        pours(http(OK, '{"results":[{"series":[', length=False), b'{"name":"ping","tags":{"url":"10.0.0.1"}},' * 999),
        ErrorKind.TOO_LARGE,
    ),
    "NaN": (says(http(OK, '{"results": [{}, {}, {"series": [NaN]}, {}, {}]}')), ErrorKind.INVALID_DATA),
    "Infinity": (says(http(OK, '{"results": [{}, {}, {"series": [-Infinity]}, {}, {}]}')), ErrorKind.INVALID_DATA),
    "a time 11 years ahead": (
        answers_wrongly({"series": [series("10.0.0.1", [NOW + 11 * 366 * 86_400, 0])]}),
        ErrorKind.INVALID_DATA,
    ),
    "a clock 100 years ahead": (
        says(http(OK, nothing_recorded(), {"Date": "Wed, 25 Nov 2126 12:00:00 GMT"})),
        ErrorKind.INVALID_DATA,
    ),
    "a time before 1970": (answers_wrongly({"series": [series("10.0.0.1", [-5, 0])]}), ErrorKind.INVALID_DATA),
    "a time that no calendar has": (
        answers_wrongly({"series": [series("10.0.0.1", [10**15, 0])]}),
        ErrorKind.INVALID_DATA,
    ),
    "a device twice": (
        answers_wrongly({"series": [series("10.0.0.1", [NOW - 9, 0]), series("10.0.0.1", [NOW - 9, 0])]}, 2),
        ErrorKind.INVALID_DATA,
    ),
    "a NUL in an address": (answers_wrongly({"series": [series("10.0\x00", [NOW - 9, 0])]}), ErrorKind.INVALID_DATA),
    "half a character in an address": (
        answers_wrongly({"series": [series("\ud800", [NOW - 9, 0])]}),
        ErrorKind.INVALID_DATA,
    ),
    "a failure inside a 200": (answers_wrongly({"error": "engine: shard is closed"}), ErrorKind.SERVER_ERROR),
    "its own time-out": (answers_wrongly({"error": "query-timeout limit exceeded"}), ErrorKind.TIMEOUT),
    "too many queries": (
        answers_wrongly({"error": "max-concurrent-queries limit exceeded(1, 1)"}),
        ErrorKind.SERVER_ERROR,
    ),
    "too many series": (
        answers_wrongly({"error": "max-select-series limit exceeded: (11/10)"}),
        ErrorKind.SERVER_ERROR,
    ),
    "no such database": (answers_wrongly({"error": "database not found: aurora"}, 0), ErrorKind.CONFIGURATION),
    "no such database, for a reader": (
        says(http("403 Forbidden", '{"error":"database not found: aurora"}')),
        ErrorKind.CONFIGURATION,
    ),
    "not executed": (
        says(http(OK, influx({"error": "timeout"}, *[{"error": "not executed"}] * 4))),
        ErrorKind.TIMEOUT,
    ),
    "400": (says(http("400 Bad Request", '{"error":"error parsing query: x"}')), ErrorKind.CONFIGURATION),
    "401": (says(http("401 Unauthorized", '{"error":"authorization failed"}')), ErrorKind.AUTHENTICATION),
    "403": (says(http("403 Forbidden", '{"error":"error authorizing query"}')), ErrorKind.AUTHENTICATION),
    "404": (says(http("404 Not Found", "<h1>nginx</h1>")), ErrorKind.CONFIGURATION),
    "407": (says(http("407 Proxy Authentication Required")), ErrorKind.CONFIGURATION),
    "429": (says(http("429 Too Many Requests")), ErrorKind.RATE_LIMITED),
    "500": (says(http("500 Internal Server Error", "oops")), ErrorKind.SERVER_ERROR),
    "503": (says(http("503 Service Unavailable")), ErrorKind.SERVER_ERROR),
    "a redirect": (says(http("302 Found", headers={"Location": "http://127.0.0.1:9/"})), ErrorKind.CONFIGURATION),
    "TLS at a plain address": (says_and_closes(b"\x15\x03\x01\x00\x02\x02\x16"), ErrorKind.INVALID_DATA),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_becomes_one_kind_of_error_in_time(fault: str) -> None:
    conduct, kind = FAULTS[fault]
    with RawVessel(conduct) as vessel:
        started = time.monotonic()
        error = failure_of(vessel.url)
        took = time.monotonic() - started
    assert error.kind is kind, str(error)
    assert took < TIMEOUT + 1.0
    assert_fit_for_people(str(error))


def test_a_vessel_that_accepts_and_never_answers_is_a_timeout() -> None:
    with RawVessel(lambda _: None, read_request=False) as vessel:
        assert failure_of(vessel.url).kind is ErrorKind.TIMEOUT


def test_a_vessel_that_does_not_even_accept_is_a_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listening:
        address = listening.getsockname()
        # a backlog of none is full after a connection or two: the next waits for its handshake
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(address)
        error = failure_of(f"http://127.0.0.1:{address[1]}")
        for filler in fillers:
            filler.close()
    assert error.kind is ErrorKind.TIMEOUT


def test_a_refused_connection_is_told() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        error = failure_of(f"http://127.0.0.1:{nobody.getsockname()[1]}")
    assert (error.kind, str(error)) == (ErrorKind.CONNECTION, "the vessel refused the connection")


@pytest.mark.parametrize("host", ["nowhere.invalid", "a" * 80 + ".invalid"])
def test_an_unknown_host_is_a_lost_connection_or_a_misconfiguration(host: str) -> None:
    error = failure_of(f"http://{host}:8086")
    assert error.kind in (ErrorKind.CONNECTION, ErrorKind.CONFIGURATION)
    assert_fit_for_people(str(error))


def test_an_unreachable_network_is_a_lost_connection() -> None:
    # the class E block is never routed: the kernel itself refuses
    error = failure_of("http://255.255.255.255:8086")
    assert error.kind is ErrorKind.CONNECTION
    assert_fit_for_people(str(error))


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7.0), ("0", 0.0), ("soon", None), ("-3", None), ("Wed, 01 Jan 2020 00:01:00 GMT", 60.0)],
)
def test_retry_after_is_read_in_both_its_forms(header: str, seconds: float | None) -> None:
    answer = http("429 Too Many Requests", headers={"Retry-After": header, "Date": "Wed, 01 Jan 2020 00:00:00 GMT"})
    with RawVessel(says(answer)) as vessel:
        error = failure_of(vessel.url)
    assert isinstance(error, RateLimited)
    assert error.retry_after == seconds


def test_addresses_with_markup_quotes_and_newlines_are_only_text() -> None:
    odd = ["<script>alert(1)</script>", "'; DROP DATABASE x; --", 'say "x"', "10.0.0.1\n10.0.0.2", "\\"]
    asked: list[str] = []

    def conduct(connection: socket.socket) -> None:
        asked.append("once more")
        newest = {"series": [series(address, [NOW - 60, 2], column="result_code") for address in odd]}
        first = {"series": [{"name": "ping", "columns": ["time", "result_code"], "values": [[NOW - 120, 2]]}]}
        results = {1: [EMPTY, EMPTY, newest, EMPTY, EMPTY], 2: []}.get(len(asked), [first] * len(odd))
        connection.sendall(http(OK, influx(*results)))

    with RawVessel(conduct) as vessel:
        answer = client().ask(vessel_at(vessel.url), QueryContext())
    assert {ping.ip_address for ping in answer.pings} == set(odd)
    assert all(ping.first_unanswered_at is not None for ping in answer.pings)


def ask(answer: str) -> VesselAnswer:
    with RawVessel(says(http(OK, answer))) as vessel:
        return client().ask(vessel_at(vessel.url, "10.0.0.1"), QueryContext())


HOUR = NOW - NOW % 3600


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([[HOUR, -1]], id="a count of -1"),
        pytest.param([[HOUR, 0.5]], id="half a ping"),
        pytest.param([[HOUR, 1e300]], id="a number beyond measure"),
        pytest.param([[HOUR, "60"]], id="text"),
        pytest.param([[HOUR, 60], [HOUR, 60]], id="an hour twice"),
        pytest.param([[HOUR + 86_400, 60]], id="an hour to come"),
    ],
)
def test_counts_that_cannot_be_cost_that_device_its_uptime_and_nothing_else(rows: list[list[Any]]) -> None:
    other = series("10.0.0.2", [HOUR, 60])
    counts = {"series": [series("10.0.0.1", *rows), other]}
    newest = {"series": [series(f"10.0.0.{n}", [NOW - 5, 0, 0], column="result_code") for n in (1, 2)]}
    for device in newest["series"]:
        device["columns"].append("percent_packet_loss")
    one, two = ask(influx(counts, {"series": [other]}, newest, EMPTY, EMPTY)).pings
    assert (ping_count(one.hours), ping_count(two.hours)) == (0, 60)
    assert one.last_success_at == two.last_success_at is not None


@pytest.mark.parametrize("mean", [-1, 1e300, "5", True, None])
def test_a_mean_that_cannot_be_is_left_out(mean: Any) -> None:
    means = {"series": [series("10.0.0.1", [0, mean], column="mean")]}
    last = {"series": [series("10.0.0.1", [NOW - 9, 0], column="last")]}
    (ping,) = ask(influx(EMPTY, EMPTY, EMPTY, last, means)).pings
    assert ping.average_response_ms is None
    assert ping.last_success_at is not None


def test_a_statement_of_ornament_that_fails_costs_nothing_else() -> None:
    last = {"series": [series("10.0.0.1", [NOW - 9, 0], column="last")]}
    (ping,) = ask(influx(EMPTY, EMPTY, EMPTY, last, {"error": "unsupported mean iterator type: *query.string"})).pings
    assert ping.last_success_at is not None


def test_addresses_too_long_and_unlisted_ones_after_200_are_left_out_and_counted() -> None:
    unlisted = [f"10.1.{n // 256}.{n % 256}" for n in range(350)]
    last = {"series": [series(a, [NOW - 9, 0], column="last") for a in ("10.0.0.1", "x" * 256, *unlisted)]}
    answer = ask(influx(EMPTY, EMPTY, EMPTY, last, EMPTY))
    assert {ping.ip_address for ping in answer.pings} == {"10.0.0.1", *sorted(unlisted)[:200]}
    assert answer.notes.addresses_left_out == 151


@pytest.mark.parametrize("fault", FAULTS)
def test_no_secret_stands_in_an_error_or_its_causes(fault: str) -> None:
    with RawVessel(FAULTS[fault][0]) as vessel:
        error = failure_of(vessel.url, timeout=0.3)
    assert SECRET not in "".join(traceback.format_exception(error))


def test_an_environment_full_of_proxies_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with RawVessel(says(http(OK, nothing_recorded()))) as vessel:
        assert client().ask(vessel_at(vessel.url), QueryContext()).pings == ()


def failure_of(url: str, timeout: float = TIMEOUT) -> VesselQueryError:
    with pytest.raises(VesselQueryError) as caught:
        client(timeout).ask(vessel_at(url, "10.0.0.1", user="reader", password=SECRET), QueryContext())
    return caught.value


def assert_fit_for_people(message: str) -> None:
    assert message.isprintable()
    assert len(message) < 300
    for machinery in ("Traceback", "object at 0x", "HTTPConnectionPool", "Errno", "urllib3"):
        assert machinery not in message
