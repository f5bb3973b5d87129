"""Addresses are compared by value, in whatever way a person or an agent writes them; other names as text."""

from datetime import UTC, datetime, timedelta

import pytest

from fleetdash.domain.fleet import address_differences, address_key
from fleetdash.domain.pings import PingSummary, VesselAnswer, ping_hours
from fleetdash.influx.spellings import by_device
from tests.support.records import make_vessel

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("fd00::1", "FD00:0:0::0001"),
        ("fd00::1", "  fd00:0:0:0:0:0:0:1\t"),
        ("fd00::1", "[fd00::1]"),
        ("fe80::1%eth0", "FE80:0::1%eth0"),
        ("2001:db8::10.0.0.1", "2001:db8::a00:1"),
        ("10.0.0.1", "::ffff:10.0.0.1"),
        ("10.0.0.1", "::FFFF:0a00:0001"),
        ("192.168.1.10", "192.168.001.010"),
        ("192.168.1.0", " 192.168.1.000"),
    ],
)
def test_spellings_of_one_address_are_equal(one: str, other: str) -> None:
    assert address_key(one) == address_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("fe80::1%eth0", "fe80::1%eth1"),
        ("fe80::1%eth0", "fe80::1"),
        ("192.168.1.10", "192.168.1.8"),
        ("switch-1", "SWITCH-1"),
        ("switch-1", " switch-1"),
        ("switch.001.example", "switch.1.example"),
        ("http://10.0.0.1", "10.0.0.1"),
        ("10.0.0.1/24", "10.0.0.1"),
        ("1.2.3", "1.2.3.0"),
        ("999.1.1.1", "999.01.1.1"),
        ("٣.1.1.1", "3.1.1.1"),
        ("", " "),
        ("[]", ""),
    ],
)
def test_other_names_are_compared_as_text(one: str, other: str) -> None:
    assert address_key(one) != address_key(other)


def test_what_is_missing_and_what_is_not_listed_is_told_by_value() -> None:
    vessel = make_vessel("aurora", "FD00::1", "10.0.0.1", "switch-1")
    reported = ["fd00:0::1", "switch-1", "10.0.0.2", "010.0.0.2"]
    missing, unlisted = address_differences(vessel, reported)
    assert missing == ["10.0.0.1"]
    assert [address_key(address) for address in unlisted] == ["10.0.0.2"]


def summary(
    address: str, *, hour: int, mean: float | None, last: int, success: int | None, began: int | None = None
) -> PingSummary:
    """Two pings in one hour of the window, one of them answered; moments are minutes before noon."""

    def moment(minutes: int | None) -> datetime | None:
        return None if minutes is None else NOON - timedelta(minutes=minutes)

    counts = {NOON - timedelta(hours=hour): (2, 1)}
    hours = ping_hours(NOON - timedelta(hours=24), NOON, timedelta(minutes=1), counts)
    return PingSummary(address, hours, mean, moment(last), moment(success), moment(began))


def test_pings_of_two_spellings_belong_to_one_device() -> None:
    answer = VesselAnswer(
        NOON,
        (
            summary("FD00::1", hour=3, mean=10.0, last=5, success=20, began=19),
            summary("fd00:0::1", hour=2, mean=30.0, last=1, success=40, began=39),
            summary("switch-1", hour=1, mean=None, last=1, success=1),
        ),
    )
    one, other = by_device(answer, make_vessel("aurora", "fd00::1")).pings
    assert (one.ip_address, other.ip_address) == ("fd00::1", "switch-1")
    assert [hour.recorded for hour in one.hours if hour.recorded] == [2, 2]
    assert sum(hour.answered for hour in one.hours) == 2
    assert one.average_response_ms == 20
    assert one.last_ping_at == NOON - timedelta(minutes=1)
    assert one.last_success_at == NOON - timedelta(minutes=20)
    # the outage of 39 minutes ago ended with the other agent's answer
    assert one.first_unanswered_at == NOON - timedelta(minutes=19)


def test_an_unlisted_address_has_one_name_however_it_is_reported() -> None:
    vessel = make_vessel("aurora")
    names = [
        by_device(VesselAnswer(NOON, (summary(text, hour=1, mean=None, last=1, success=1),)), vessel).pings[0]
        for text in ("FD00::1", "fd00:0::1")
    ]
    assert [ping.ip_address for ping in names] == ["fd00::1", "fd00::1"]
