"""Failed logins are throttled; nobody can lock somebody else out."""

import pytest

from fleetdash.auth.paths import inner_address
from fleetdash.auth.throttle import FORGET_SECONDS, Throttle, buckets, network
from tests.support.clock import FakeClock


@pytest.fixture
def throttle(clock: FakeClock) -> Throttle:
    return Throttle(clock)


def tries(
    throttle: Throttle, count: int, address: str = "1.2.3.4", name: str = "anna", browser: str | None = None
) -> float:
    """So many failed attempts; the wait before the next one."""
    for _ in range(count):
        throttle.begin(buckets(address, name, browser))
    return throttle.begin(buckets(address, name, browser))


def test_a_few_failures_cost_nothing(throttle: Throttle) -> None:
    assert tries(throttle, 4) == 0


def test_then_each_failure_doubles_the_wait_up_to_a_minute(throttle: Throttle, clock: FakeClock) -> None:
    tries(throttle, 4)
    waits = []
    for _ in range(9):
        waits.append(throttle.begin(buckets("1.2.3.4", "anna", None)))
        clock.advance(waits[-1])
        throttle.begin(buckets("1.2.3.4", "anna", None))
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_attempts_while_one_has_to_wait_do_not_make_the_wait_longer(throttle: Throttle) -> None:
    assert tries(throttle, 500) == 1


def test_a_thousand_attempts_at_once_are_not_all_let_through(throttle: Throttle) -> None:
    assert sum(not throttle.begin(buckets("1.2.3.4", "anna", None)) for _ in range(1000)) == 5


def test_others_are_not_throttled(throttle: Throttle) -> None:
    assert tries(throttle, 5) > 0
    assert tries(throttle, 0, address="5.6.7.8") == 0
    assert tries(throttle, 0, name="vera") == 0
    assert tries(throttle, 0, browser="known") == 0


def test_one_address_cannot_go_through_all_accounts(throttle: Throttle) -> None:
    assert sum(not tries(throttle, 0, name=f"guess{number}") for number in range(100)) == 40
    assert tries(throttle, 0, name="anna") > 0
    assert tries(throttle, 0, name="anna", browser="known") == 0


def test_a_browser_that_is_known_is_throttled_by_itself_only(throttle: Throttle) -> None:
    assert tries(throttle, 5, browser="stolen") > 0
    assert tries(throttle, 0, browser="another") == 0


def test_success_and_time_forgive(throttle: Throttle, clock: FakeClock) -> None:
    attempt = buckets("1.2.3.4", "anna", None)
    for _ in range(20):
        assert throttle.begin(attempt) == 0
        throttle.succeeded(attempt)
    assert tries(throttle, 5) > 0
    clock.advance(FORGET_SECONDS + 1)
    assert tries(throttle, 3) == 0


def test_what_is_remembered_is_bounded(throttle: Throttle) -> None:
    for number in range(12_000):
        throttle.begin(buckets(f"10.{number // 65536}.{number // 256 % 256}.{number % 256}", "anna", None))
    assert len(throttle._tallies) <= 10_000


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("1.2.3.4", "1.2.3.4"),
        ("::ffff:1.2.3.4", "1.2.3.4"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("", ""),
        ("testclient", "testclient"),
    ],
)
def test_an_ipv6_address_stands_for_its_network(address: str, place: str) -> None:
    assert network(address) == place


@pytest.mark.parametrize(
    ("wanted", "inner"),
    [
        ("/runs?status=failed", "runs?status=failed"),
        ("/", ""),
        ("", ""),
        ("runs", ""),
        ("//evil.example", ""),
        ("///evil.example", ""),
        ("/\\evil.example", ""),
        ("/\t/evil.example", ""),
        ("/x\r\nSet-Cookie: a=b", ""),
        ("https://evil.example", ""),
        ("javascript:alert(1)", ""),
    ],
)
def test_one_is_led_to_our_own_addresses_only(wanted: str, inner: str) -> None:
    assert inner_address(wanted) == inner
