"""One request, one connection; a second one only for an outage that is new or a clock just found wrong."""

import base64
import gzip
import random
from datetime import UTC, datetime, timedelta

import pytest

from fleetdash.domain.merging import merge_answer
from fleetdash.domain.pings import DownDevice, PingSummary, QueryContext, VesselAnswer
from fleetdash.domain.recording import FieldProfile, QueryMemory
from fleetdash.domain.status import DeviceState, Limits, SyncStatus
from fleetdash.errors import AuthenticationFailed, Misconfigured
from tests.support import present
from tests.support.influxd import ADMIN, READER, Influxd
from tests.support.pings import Point, a_day, figures
from tests.support.raw_vessel import RawVessel, http, nothing_recorded, says
from tests.support.simulated import ClockedVessel
from tests.support.vessels import client, vessel_at

UP, DOWN, GONE = "10.0.0.1", "10.0.0.2", "10.0.0.3"
NOW = int(present.now().timestamp()) // 60 * 60
HOURS_OFF = [timedelta(hours=2), timedelta(hours=-2), timedelta(minutes=-7, seconds=-13), timedelta()]


@pytest.fixture(autouse=True)
def _now() -> None:
    """Each test's own: by the end of a long run, pings of its begin are old."""
    global NOW
    NOW = int(present.now().timestamp()) // 60 * 60


KNOWN = QueryMemory(fields=FieldProfile(), fields_read_at=present.now())
"""Of a vessel that was asked today."""


def minutes_ago(count: int) -> int:
    return NOW - 60 * count


def pinged(device: str, *, down_for: int = 0, silent_for: int = 0) -> list[Point]:
    """A ping a minute for three hours, unanswered in the last minutes, or none in them."""
    return [
        Point(device, minutes_ago(age), 0 if age > down_for else 1, 0.0 if age > down_for else 100.0, 5.0)
        for age in range(180, silent_for, -1)
    ]


def summary(answer: VesselAnswer, device: str) -> PingSummary:
    return next(ping for ping in answer.pings if ping.ip_address == device)


def status(answer: VesselAnswer, device: str) -> SyncStatus:
    state = merge_answer(DeviceState(device, "Server"), summary(answer, device), answer.observed_at, Limits())
    return state.observed_status


def test_a_vessel_with_nothing_new_is_asked_once() -> None:
    vessel = ClockedVessel(pinged(UP))
    with vessel.raw as raw:
        answer = client().ask(vessel_at(raw.url, UP), QueryContext(memory=KNOWN))
    assert (len(raw.requests), raw.connections) == (1, 1)
    assert status(answer, UP) is SyncStatus.OPERATIONAL


def test_an_outage_just_begun_costs_a_second_request_on_the_same_connection() -> None:
    vessel = ClockedVessel(pinged(UP) + pinged(DOWN, down_for=50))
    with vessel.raw as raw:
        answer = client().ask(vessel_at(raw.url, UP, DOWN), QueryContext(memory=KNOWN))
    assert (len(raw.requests), raw.connections) == (2, 1)
    assert summary(answer, DOWN).first_unanswered_at == datetime.fromtimestamp(minutes_ago(50), UTC)
    assert summary(answer, UP).first_unanswered_at is None


def test_an_outage_known_before_is_dated_by_the_first_request() -> None:
    last_success = datetime.fromtimestamp(minutes_ago(51), UTC)
    vessel = ClockedVessel(pinged(DOWN, down_for=50))
    with vessel.raw as raw:
        answer = client().ask(
            vessel_at(raw.url, DOWN), QueryContext(down=(DownDevice(DOWN, last_success),), memory=KNOWN)
        )
    assert len(raw.requests) == 1
    assert summary(answer, DOWN).first_unanswered_at == datetime.fromtimestamp(minutes_ago(50), UTC)


def test_a_device_that_recovered_and_fell_again_is_dated_anew() -> None:
    long_ago = datetime.fromtimestamp(minutes_ago(170), UTC)
    vessel = ClockedVessel(pinged(DOWN, down_for=20))
    with vessel.raw as raw:
        answer = client().ask(vessel_at(raw.url, DOWN), QueryContext(down=(DownDevice(DOWN, long_ago),), memory=KNOWN))
    assert len(raw.requests) == 2
    assert summary(answer, DOWN).first_unanswered_at == datetime.fromtimestamp(minutes_ago(20), UTC)


@pytest.mark.parametrize("ahead", HOURS_OFF)
def test_a_vessel_whose_clock_is_off_is_judged_right(ahead: timedelta) -> None:
    vessel = ClockedVessel(pinged(UP) + pinged(DOWN, down_for=50) + pinged(GONE, silent_for=45), ahead)
    with vessel.raw as raw:
        answer = client().ask(vessel_at(raw.url, UP, DOWN, GONE), QueryContext())
    assert [status(answer, device) for device in (UP, DOWN, GONE)] == [
        SyncStatus.OPERATIONAL,
        SyncStatus.DOWN,
        SyncStatus.STALE_DATA,
    ]
    assert answer.clock_skew_seconds == pytest.approx(ahead.total_seconds(), abs=2)
    down_since = summary(answer, DOWN).first_unanswered_at
    assert down_since is not None
    assert abs(down_since.timestamp() - minutes_ago(50)) <= 2
    assert sum(cell.recorded for cell in summary(answer, UP).hours) == 180


@pytest.mark.parametrize("ahead", HOURS_OFF)
def test_a_clock_found_wrong_before_costs_no_request_again(ahead: timedelta) -> None:
    vessel = ClockedVessel(pinged(UP), ahead)
    with vessel.raw as raw:
        first = client().ask(vessel_at(raw.url, UP), QueryContext())
        asked_before = len(raw.requests)
        again = client().ask(vessel_at(raw.url, UP), QueryContext(first.clock_skew_seconds, memory=first.memory))
    assert len(raw.requests) - asked_before == 1
    assert again.clock_skew_seconds == first.clock_skew_seconds
    assert summary(again, UP).last_ping_at == summary(first, UP).last_ping_at


def test_a_clock_that_was_put_right_is_noticed() -> None:
    vessel = ClockedVessel(pinged(UP))
    with vessel.raw as raw:
        answer = client().ask(vessel_at(raw.url, UP), QueryContext(clock_skew_seconds=7200))
    assert answer.clock_skew_seconds == 0
    assert status(answer, UP) is SyncStatus.OPERATIONAL


def test_user_and_password_go_as_basic_and_a_token_as_the_token_scheme() -> None:
    with RawVessel(says(http("200 OK", nothing_recorded()))) as raw:
        context = QueryContext(memory=KNOWN)
        client().ask(vessel_at(raw.url, user="rüdiger", password="öffne: dich"), context)
        client().ask(vessel_at(raw.url, token="t0ken=="), context)
        client().ask(vessel_at(raw.url), context)
    basic = base64.b64encode("rüdiger:öffne: dich".encode())
    assert b"Authorization: Basic " + basic in raw.requests[0]
    assert b"Authorization: Token t0ken==" in raw.requests[1]
    assert b"Authorization" not in raw.requests[2]
    assert all(request.startswith(b"POST /query HTTP/1.1") for request in raw.requests)


def test_answers_come_compressed() -> None:
    packed = gzip.compress(nothing_recorded().encode())
    with RawVessel(says(http("200 OK", packed, {"Content-Encoding": "gzip"}))) as raw:
        assert client().ask(vessel_at(raw.url), QueryContext()).pings == ()
    assert b"Accept-Encoding: gzip" in raw.requests[0]


def test_a_real_influxdb_lets_a_reader_in_and_nobody_else(influxd_auth: Influxd) -> None:
    influxd_auth.create_database("aurora")
    influxd_auth.write("aurora", [point.line for point in pinged(UP)])
    user, password = READER
    answer = client(5).ask(vessel_at(influxd_auth.url, UP, user=user, password=password), QueryContext())
    assert status(answer, UP) is SyncStatus.OPERATIONAL
    for wrong_user, wrong_password in ((user, "guess"), ("nobody", password), (None, None)):
        with pytest.raises(AuthenticationFailed):
            client(5).ask(vessel_at(influxd_auth.url, UP, user=wrong_user, password=wrong_password), QueryContext())
    with pytest.raises(Misconfigured):
        client(5).ask(vessel_at(influxd_auth.url, UP, database="nix", user=ADMIN[0], password=ADMIN[1]), QueryContext())


def test_names_from_the_fleet_file_cannot_inject_into_a_real_influxdb(influxd: Influxd) -> None:
    influxd.create_database("precious")
    odd = ["'; DROP DATABASE precious; --", 'x"; DROP DATABASE precious; --', "a\\", "new\nline", "naïve — 日本"]
    for name in odd:
        vessel = vessel_at(influxd.url, database="precious", measurement=name, device_tag=name)
        memory = QueryContext(down=(DownDevice(name, None),))
        assert client(5).ask(vessel, memory).pings == ()
    assert "precious" in str(influxd.query("", "SHOW DATABASES"))
    influxd.drop_database("precious")


def test_a_measurement_and_tag_of_other_names_are_found(influxd: Influxd) -> None:
    influxd.create_database("other")
    lines = [point.line.replace("ping,url=", "my\\ pings,the\\ \\=host=") for point in pinged(UP)]
    influxd.write("other", lines)
    vessel = vessel_at(influxd.url, database="other", measurement="my pings", device_tag="the =host")
    assert [ping.ip_address for ping in client(5).ask(vessel, QueryContext()).pings] == [UP]
    influxd.drop_database("other")


@pytest.mark.parametrize("seed", range(5))
def test_figures_equal_the_raw_points_for_every_oddity_of_telegraf(influxd: Influxd, seed: int) -> None:
    chance = random.Random(seed)
    points = [
        point
        for number in range(6)
        for point in a_day(f"10.0.0.{number}", NOW, chance, share_up=number / 5, share_recorded=chance.random())
    ]
    influxd.create_database(f"odd{seed}")
    influxd.write(f"odd{seed}", [point.line for point in points])
    answer = client(5).ask(vessel_at(influxd.url, database=f"odd{seed}"), QueryContext())
    influxd.drop_database(f"odd{seed}")
    end = int(answer.observed_at.timestamp())
    for ping in answer.pings:
        expected = figures([p for p in points if p.device == ping.ip_address], end - 86_400, end)
        assert {c.start: (c.recorded, c.answered) for c in ping.hours if c.recorded} == expected.by_hour
        assert (ping.last_ping_at, ping.last_success_at) == (expected.last_ping_at, expected.last_success_at)
        assert ping.average_response_ms == (
            None if expected.average_response_ms is None else pytest.approx(expected.average_response_ms, rel=1e-12)
        )
        if ping.down:
            assert ping.first_unanswered_at == expected.down_since
    assert len(answer.pings) == len({point.device for point in points})
