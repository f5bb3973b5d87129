"""R4, "Times that cannot be" and "Whose clock", on a real InfluxDB behind a gateway with a `Date` of its own."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from fleetdash.domain.status import SyncStatus
from tests.support.aboard import Aboard, aboard
from tests.support.influxd import Influxd

FRESH, STALE, NO_DATA = SyncStatus.OPERATIONAL, SyncStatus.STALE_DATA, SyncStatus.NO_DATA
HOURS, DAYS = 60, 60 * 24


@pytest.fixture
def vessel(influxd: Influxd, tmp_path: Path) -> Iterator[Aboard]:
    with aboard(influxd, tmp_path, "10.0.0.1", "10.0.0.2") as vessel:
        yield vessel


def statuses(vessel: Aboard) -> list[SyncStatus]:
    vessel.look()
    return [vessel.device(address).sync_status for address in ("10.0.0.1", "10.0.0.2")]


def both(vessel: Aboard, **pings: float) -> None:
    for device in ("10.0.0.1", "10.0.0.2"):
        vessel.pings(device, **pings)  # type: ignore[arg-type]  # all of them are numbers here


@pytest.mark.parametrize("ahead", [2 * HOURS, 7, 2 * DAYS])
def test_a_writer_ahead_is_stale_until_a_second_look_shows_that_it_writes(vessel: Aboard, ahead: int) -> None:
    both(vessel, ahead=ahead, since=4 * HOURS)
    assert statuses(vessel) == [STALE, STALE]
    assert "in the future" in vessel.look().sync_reason
    vessel.pass_time(15)
    vessel.pings("10.0.0.1", ahead=ahead, since=15)
    vessel.pings("10.0.0.2", ahead=ahead, since=15, up=False)
    assert statuses(vessel) == [FRESH, SyncStatus.DOWN]
    report = vessel.look()
    assert "ahead; times here are corrected" in report.sync_reason
    assert report.clock_skew_seconds == pytest.approx(60 * ahead, abs=70)
    last_ping = vessel.device().last_ping_at
    assert last_ping is not None
    assert abs(vessel.now - last_ping) < timedelta(minutes=2)
    assert len(vessel.gateway.requests) == 1


@pytest.mark.parametrize("dead_for", [30, 90, 118])
def test_a_writer_ahead_that_died_is_never_shown_up(vessel: Aboard, dead_for: int) -> None:
    both(vessel, ahead=2 * HOURS, since=5 * HOURS, until=dead_for)
    for _ in range(12):
        assert FRESH not in statuses(vessel)
        vessel.pass_time(15)


def test_a_writer_ahead_that_dies_while_it_is_watched_grows_stale(vessel: Aboard) -> None:
    both(vessel, ahead=2 * HOURS)
    vessel.look()
    vessel.pass_time(15)
    both(vessel, ahead=2 * HOURS, since=15)
    assert statuses(vessel) == [FRESH, FRESH]
    vessel.pass_time(35)
    for _ in range(10):
        assert statuses(vessel) == [STALE, STALE]
        vessel.pass_time(15)


@pytest.mark.parametrize("date", [-3 * DAYS, -2 * HOURS, 2 * HOURS, 3 * DAYS])
def test_a_gateway_whose_date_is_wrong_is_named_and_not_believed(vessel: Aboard, date: int) -> None:
    vessel.gateway.ahead = timedelta(minutes=date)
    vessel.pings("10.0.0.1")
    vessel.pings("10.0.0.2", until=45)
    for _ in range(2):
        assert statuses(vessel) == [FRESH, STALE]
        vessel.pass_time(15)
        vessel.pings("10.0.0.1", since=15)
    assert "The HTTP Date of its answers is" in vessel.look().sync_reason


def test_a_device_dead_for_two_days_behind_a_gateway_three_days_behind_is_dead(vessel: Aboard) -> None:
    vessel.gateway.ahead = -timedelta(days=3)
    both(vessel, since=52 * HOURS, until=48 * HOURS)
    assert statuses(vessel) == [NO_DATA, NO_DATA]


@pytest.mark.parametrize("ahead", [-3 * DAYS, -2 * HOURS, 2 * HOURS, 3 * DAYS])
def test_a_vessel_whose_clocks_are_all_wrong_is_judged_right_at_once(vessel: Aboard, ahead: int) -> None:
    vessel.gateway.ahead = timedelta(minutes=ahead)
    vessel.pings("10.0.0.1", ahead=ahead)
    vessel.pings("10.0.0.2", ahead=ahead, until=45)
    assert statuses(vessel) == [FRESH, STALE]
    assert "times here are corrected" in vessel.look().sync_reason


@pytest.mark.parametrize("dead_for", [45, 90, 200])
def test_a_vessel_whose_clocks_are_ahead_and_that_died_is_stale(vessel: Aboard, dead_for: int) -> None:
    vessel.gateway.ahead = timedelta(hours=2)
    both(vessel, ahead=2 * HOURS, since=5 * HOURS, until=dead_for)
    for _ in range(10):
        assert statuses(vessel) == [STALE, STALE]
        vessel.pass_time(15)
        vessel.gateway.ahead += timedelta()


@pytest.mark.parametrize(("silent_for", "status"), [(0, FRESH), (45, STALE)])
def test_a_point_left_from_a_glitch_of_the_clock_decides_nothing(
    vessel: Aboard, silent_for: int, status: SyncStatus
) -> None:
    both(vessel, until=silent_for)
    both(vessel, since=2, until=1, ahead=DAYS)
    assert statuses(vessel) == [status, status]
    assert "in the future, and are ignored" in vessel.look().sync_reason


def test_a_device_whose_own_pings_are_ahead_costs_the_others_nothing(vessel: Aboard) -> None:
    vessel.pings("10.0.0.1")
    vessel.pings("10.0.0.2", ahead=2 * HOURS, since=4 * HOURS, until=90)
    for _ in range(4):
        assert statuses(vessel) == [FRESH, STALE]
        vessel.pass_time(15)
        vessel.pings("10.0.0.1", since=15)


def test_of_two_writers_the_one_that_is_ahead_does_not_hide_what_the_other_sees(vessel: Aboard) -> None:
    for device in ("10.0.0.1", "10.0.0.2"):
        vessel.pings(device, host="ahead", ahead=2 * HOURS, since=4 * HOURS, until=90)
    vessel.pings("10.0.0.1", host="right")
    vessel.pings("10.0.0.2", host="right", up=False)
    assert statuses(vessel) == [FRESH, SyncStatus.DOWN]


def test_a_clock_put_right_is_followed(vessel: Aboard) -> None:
    vessel.gateway.ahead = timedelta(hours=2)
    both(vessel, ahead=2 * HOURS)
    assert statuses(vessel) == [FRESH, FRESH]
    vessel.pass_time(3 * HOURS)
    vessel.gateway.ahead -= timedelta(hours=2)
    both(vessel, since=5)
    assert statuses(vessel) == [FRESH, FRESH]
    assert vessel.look().clock_skew_seconds == 0


@pytest.mark.parametrize("shore", [timedelta(days=1), timedelta(hours=2), timedelta(days=30)])
def test_what_was_seen_while_shore_s_clock_was_ahead_is_forgotten(vessel: Aboard, shore: timedelta) -> None:
    both(vessel)
    vessel.clock.jump(shore)
    assert statuses(vessel) == [FRESH, FRESH]
    vessel.clock.jump(-shore)
    vessel.pass_time(45)
    assert statuses(vessel) == [STALE, STALE]
    last_ping = vessel.device().last_ping_at
    assert last_ping is not None
    assert timedelta(minutes=44) < vessel.now - last_ping < timedelta(minutes=48)
    assert vessel.look().clock_skew_seconds == 0
