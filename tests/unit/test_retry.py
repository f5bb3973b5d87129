"""R3: who is asked again, when, and how often."""

import pytest

from fleetdash.errors import (
    AnswerTooLarge,
    AuthenticationFailed,
    Cancelled,
    CertificateRejected,
    ConnectionLost,
    InvalidAnswer,
    Misconfigured,
    QueryTimeout,
    RateLimited,
    ServerError,
    VesselQueryError,
)
from fleetdash.monitoring.retry import RetryPolicy

POLICY = RetryPolicy(max_retries=3, waits=(1, 2, 4))


def test_a_vessel_that_fails_is_asked_again_after_1_2_and_4_seconds() -> None:
    assert [POLICY.wait_after(QueryTimeout("x"), attempt) for attempt in (1, 2, 3, 4)] == [1, 2, 4, None]


def test_the_last_wait_repeats() -> None:
    policy = RetryPolicy(max_retries=4, waits=(0.5, 3))
    assert [policy.wait_before(attempt) for attempt in (1, 2, 3, 4, 5)] == [0, 0.5, 3, 3, 3]


def test_without_retries_the_first_failure_ends_the_chain() -> None:
    assert RetryPolicy(max_retries=0).wait_after(ConnectionLost("x"), 1) is None


@pytest.mark.parametrize("error", [QueryTimeout("x"), ConnectionLost("x"), ServerError("x"), RateLimited("x")])
def test_what_may_pass_is_asked_again(error: VesselQueryError) -> None:
    assert POLICY.wait_after(error, 1) == 1


@pytest.mark.parametrize(
    "kind",
    [AuthenticationFailed, Misconfigured, CertificateRejected, InvalidAnswer, AnswerTooLarge, Cancelled],
)
def test_what_cannot_pass_by_itself_is_not_asked_again(kind: type[VesselQueryError]) -> None:
    assert POLICY.wait_after(kind("x"), 1) is None


@pytest.mark.parametrize(("asked_for", "wait"), [(None, 1), (0.0, 1), (0.5, 1), (7.0, 7), (60.0, 60), (60.5, None)])
def test_a_vessel_that_asks_for_a_minute_gets_it_and_no_more(asked_for: float | None, wait: float | None) -> None:
    assert POLICY.wait_after(RateLimited("x", asked_for), 1) == wait
