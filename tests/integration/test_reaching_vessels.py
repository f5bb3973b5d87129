"""Vessels behind a company's own authority, a client certificate, a forward proxy, a gateway that demands a header."""

import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from fleetdash.config import settings
from fleetdash.domain.clock import SystemClock
from fleetdash.domain.pings import QueryContext, VesselAnswer
from fleetdash.domain.runs import ErrorKind
from fleetdash.errors import VesselQueryError
from fleetdash.monitoring.monitor import http_query
from tests.support import present
from tests.support.certificates import Authority
from tests.support.forward_proxy import ForwardProxy
from tests.support.influxd import Influxd
from tests.support.pings import Point
from tests.support.raw_vessel import RawVessel, http, nothing_recorded, says
from tests.support.servers import free_port

UP = "10.0.0.1"
GOOD = says(http("200 OK", nothing_recorded()))


def ask(url: str, keys: str = "", environ: Mapping[str, str] | None = None) -> VesselAnswer:
    """One attempt at a vessel with these keys, as a run makes it."""
    config = settings.parse(
        f'[query]\ntimeout_seconds = 3\n[[vessels]]\nid = "aurora"\nurl = "{url}"\n{keys}', environ or {}
    )
    return http_query(config, SystemClock())(config.targets[0], QueryContext())


def pinged(device: str, *, down_for: int = 0) -> list[str]:
    """The last two hours, a ping a minute."""
    now = int(present.now().timestamp())
    return [Point(device, now - 60 * age, 0, 100.0 if age <= down_for else 0.0, 5.0).line for age in range(1, 120)]


def failure(url: str, keys: str = "", environ: Mapping[str, str] | None = None) -> VesselQueryError:
    with pytest.raises(VesselQueryError) as caught:
        ask(url, keys, environ)
    return caught.value


@pytest.fixture
def aurora(influxd: Influxd) -> Iterator[Influxd]:
    """An InfluxDB with an empty database of the vessel."""
    influxd.create_database("aurora")
    yield influxd
    influxd.drop_database("aurora")


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """One that the machine does not know."""
    return Authority(tmp_path)


def demanding(authority: Authority) -> ssl.SSLContext:
    """Serves only who shows a certificate of the authority."""
    context = authority.server()
    context.load_verify_locations(authority.file)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def test_an_authority_of_the_fleet_file_is_trusted(authority: Authority) -> None:
    with RawVessel(GOOD, tls=authority.server()) as vessel:
        assert ask(vessel.url, f'ca_file = "{authority.file}"').pings == ()
        assert failure(vessel.url).kind is ErrorKind.TLS


def test_no_other_authority_is_trusted_then(
    tmp_path: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other").mkdir()
    other = Authority(tmp_path / "other")
    monkeypatch.setenv("SSL_CERT_FILE", str(other.file))
    with RawVessel(GOOD, tls=other.server()) as vessel:
        assert failure(vessel.url, f'ca_file = "{authority.file}"').kind is ErrorKind.TLS


def test_a_client_certificate_is_shown(authority: Authority) -> None:
    certificate, key = authority.client("shore")
    ours = f'client_cert_file = "{certificate}"\nclient_key_file = "{key}"'
    with RawVessel(GOOD, tls=demanding(authority)) as vessel:
        assert ask(vessel.url, f'ca_file = "{authority.file}"\n{ours}').pings == ()


def test_a_client_certificate_that_is_missing_or_unknown_is_told(tmp_path: Path, authority: Authority) -> None:
    (tmp_path / "other").mkdir()
    certificate, key = Authority(tmp_path / "other").client("stranger")
    trust = f'ca_file = "{authority.file}"\n'
    with RawVessel(GOOD, tls=demanding(authority)) as vessel:
        for keys in ("", f'client_cert_file = "{certificate}"\nclient_key_file = "{key}"'):
            error = failure(vessel.url, trust + keys)
            assert (error.kind, error.retryable) == (ErrorKind.TLS, False)
            assert "client_cert_file" in str(error)


def test_a_vessel_is_asked_through_its_proxy(aurora: Influxd) -> None:
    aurora.write("aurora", pinged(UP))
    with ForwardProxy() as proxy:
        answer = ask(aurora.url, f'proxy = "{proxy.url}"')
    assert [ping.ip_address for ping in answer.pings] == [UP]
    assert {*proxy.requests} == {f"POST {aurora.url}/query"}


def test_a_vessel_with_tls_is_asked_through_a_tunnel(authority: Authority) -> None:
    certificate, key = authority.client("shore")
    tls = f'ca_file = "{authority.file}"\nclient_cert_file = "{certificate}"\nclient_key_file = "{key}"\n'
    with ForwardProxy() as proxy, RawVessel(GOOD, tls=demanding(authority)) as vessel:
        assert ask(vessel.url, f'{tls}proxy = "{proxy.url}"').pings == ()
        assert proxy.requests == [f"CONNECT 127.0.0.1:{vessel.port}"]


def test_the_vessels_certificate_counts_behind_a_proxy_too(authority: Authority) -> None:
    with ForwardProxy() as proxy, RawVessel(GOOD, tls=authority.server()) as vessel:
        assert failure(vessel.url, f'proxy = "{proxy.url}"').kind is ErrorKind.TLS


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_is_away_is_told_as_such(scheme: str) -> None:
    error = failure(f"{scheme}://127.0.0.1:9", f'proxy = "http://127.0.0.1:{free_port()}"')
    assert (error.kind, error.retryable) == (ErrorKind.CONNECTION, True)
    assert "the proxy cannot be reached" in str(error)


@pytest.mark.parametrize("status", [403, 407, 502])
def test_a_proxy_that_refuses_the_tunnel_is_told_as_such(status: int) -> None:
    with ForwardProxy(tunnels=status) as proxy:
        error = failure("https://127.0.0.1:9", f'proxy = "{proxy.url}"')
    assert error.kind is ErrorKind.CONNECTION
    assert "the proxy does not connect us" in str(error)


def test_a_proxy_that_drips_ends_at_the_deadline() -> None:
    with ForwardProxy(tunnels=None) as proxy:
        started = time.monotonic()
        error = failure("https://127.0.0.1:9", f'proxy = "{proxy.url}"\ntimeout_seconds = 1')
    assert error.kind is ErrorKind.TIMEOUT
    assert time.monotonic() - started < 3


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    with RawVessel(GOOD) as vessel:
        assert ask(vessel.url).pings == ()


def test_the_environment_does_not_take_the_fleet_files_proxy_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    with ForwardProxy() as proxy, RawVessel(GOOD) as vessel:
        ask(vessel.url, f'proxy = "{proxy.url}"')
    assert len(proxy.requests) == 1


def test_a_gateway_gets_the_header_that_it_demands() -> None:
    def gateway(connection: socket.socket) -> None:
        let_in = b"x-gate: open sesame\r\n" in vessel.requests[-1].lower()
        says(http("200 OK", nothing_recorded()) if let_in else http("403 Forbidden"))(connection)

    with RawVessel(gateway) as vessel:
        keys = 'username = "reader"\npassword_env = "PASSWORD"\n'
        environ = {"PASSWORD": "p", "GATE": "X-Gate: open sesame\nX-Site: 7"}
        assert ask(vessel.url, keys + 'headers_env = "GATE"', environ).pings == ()
        error = failure(vessel.url, keys, environ)
    assert error.kind is ErrorKind.AUTHENTICATION
    assert b"X-Site: 7\r\n" in vessel.requests[0]
    assert b"Authorization: Basic " in vessel.requests[0]


def test_a_gateways_header_is_in_no_message() -> None:
    with RawVessel(says(http("403 Forbidden", '{"error": "no"}'))) as vessel:
        error = failure(vessel.url, 'headers_env = "GATE"', {"GATE": "X-Gate: hidden"})
    assert "hidden" not in str(error)


def test_a_vessel_has_a_time_out_of_its_own() -> None:
    with RawVessel(lambda _: None) as vessel:
        started = time.monotonic()
        assert "in 0.3 s" in str(failure(vessel.url, "timeout_seconds = 0.3"))
        assert time.monotonic() - started < 2


def test_pings_of_another_retention_policy_and_of_one_writer_are_read(aurora: Influxd) -> None:
    aurora.query("", 'CREATE RETENTION POLICY "raw pings" ON "aurora" DURATION INF REPLICATION 1')
    for host, address in (("telegraf-1", UP), ("telegraf-2", "10.9.9.9")):
        lines = [line.replace("ping,", f"ping,host={host},") for line in pinged(address)]
        aurora.write("aurora", lines, retention_policy="raw pings")
    policy = 'retention_policy = "raw pings"\n'
    assert ask(aurora.url).pings == ()
    assert {ping.ip_address for ping in ask(aurora.url, policy).pings} == {UP, "10.9.9.9"}
    (ping,) = ask(aurora.url, policy + 'match = { host = "telegraf-1" }').pings
    assert ping.ip_address == UP
    assert ask(aurora.url, policy + "match = { host = \"x' OR host='telegraf-1\" }").pings == ()


def test_two_spellings_that_a_vessel_writes_are_one_device(aurora: Influxd) -> None:
    for address in ("FD00::1", "fd00:0::1"):
        aurora.write("aurora", pinged(address))
    (one,) = ask(aurora.url, 'components = { Server = ["fd00:0:0::0001"] }').pings
    assert one.ip_address == "fd00:0:0::0001"
    assert not one.down


def test_an_outage_is_dated_by_the_spelling_that_the_vessel_writes(aurora: Influxd) -> None:
    aurora.write("aurora", pinged("FD00::1", down_for=50))
    (one,) = ask(aurora.url, 'components = { Server = ["fd00::1"] }').pings
    assert one.down
    assert one.first_unanswered_at is not None
