"""What is said of runs and attempts."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleetdash.domain.run_figures import RetryTime, closed, finished_status, is_slow, recounted, retry_time
from fleetdash.domain.runs import (
    Attempt,
    AttemptKind,
    ErrorKind,
    Run,
    RunDetails,
    RunStatus,
    Trigger,
    success_rate_percent,
)

NOON = datetime(2024, 5, 17, 12, 0, tzinfo=UTC)


def attempt(
    vessel: str = "aurora",
    number: int = 1,
    *,
    end: float = 0.0,
    asked: float = 1.0,
    waited: float = 0.0,
    error: ErrorKind | None = None,
    last: bool = True,
) -> Attempt:
    """One that ended `end` seconds after noon, `asked` seconds after it was sent."""
    ended = NOON + timedelta(seconds=end)
    return Attempt(vessel, number, error is None, asked, waited, ended, error, chain_ended=last)


def run(*, reached: int = 0, unreachable: int = 0) -> Run:
    return Run(
        "r1",
        NOON,
        Trigger.SCHEDULE,
        RunStatus.RUNNING,
        total_vessels=66,
        successful_vessels=reached,
        failed_vessels=unreachable,
    )


# --- slow


def test_a_run_is_slow_over_one_and_a_half_times_the_median() -> None:
    assert not is_slow(30.0, [20.0] * 5)
    assert is_slow(30.001, [20.0] * 5)


def test_a_run_is_slow_only_when_it_is_longer_by_5_seconds() -> None:
    assert not is_slow(6.999, [2.0] * 5)
    assert is_slow(7.0, [2.0] * 5)


def test_no_run_is_slow_before_5_others_have_finished() -> None:
    assert not is_slow(1000.0, [1.0] * 4)
    assert not is_slow(1000.0, [])
    assert is_slow(1000.0, [1.0] * 5)


def test_only_the_30_runs_before_it_are_the_measure_of_a_run() -> None:
    newest_first = [10.0] * 30 + [1000.0] * 100
    assert is_slow(16.0, newest_first)
    assert not is_slow(16.0, [20.0] * 30 + [1.0] * 100)


def test_one_odd_run_does_not_move_the_measure() -> None:
    assert is_slow(16.0, [10.0, 10.0, 500.0, 10.0, 10.0])


# --- time spent on retries


def test_initial_attempts_are_no_retries() -> None:
    assert retry_time([attempt(end=30, asked=30)]) == RetryTime()


def test_a_retry_lasts_from_the_failure_before_it_to_its_own_end() -> None:
    time = retry_time([attempt(number=2, end=13, asked=2, waited=1)])
    assert time == RetryTime(wall_seconds=3, wait_seconds=1, query_seconds=2)


def test_retries_at_the_same_time_take_wall_clock_time_only_once() -> None:
    overlapping = [
        attempt("aurora", 2, end=10, asked=3, waited=1),  # 6 to 10
        attempt("borealis", 2, end=12, asked=3, waited=1),  # 8 to 12
        attempt("cetus", 2, end=9, asked=1, waited=1),  # 7 to 9, inside the first
    ]
    assert retry_time(overlapping) == RetryTime(wall_seconds=6, wait_seconds=3, query_seconds=7)


def test_the_time_between_retries_is_not_spent_on_them() -> None:
    apart = [attempt("aurora", 2, end=4, asked=1, waited=1), attempt("borealis", 2, end=20, asked=4, waited=2)]
    assert retry_time(apart).wall_seconds == 2 + 6


def test_a_chain_of_retries_takes_as_long_as_from_its_first_failure_to_its_end() -> None:
    chain = [
        attempt(number=1, end=1, asked=1),
        attempt(number=2, end=3, asked=1, waited=1),
        attempt(number=3, end=6, asked=1, waited=2),
        attempt(number=4, end=11, asked=1, waited=4),
    ]
    assert retry_time(chain) == RetryTime(wall_seconds=10, wait_seconds=7, query_seconds=3)


@given(
    st.lists(
        st.builds(
            lambda end, asked, waited: attempt(number=2, end=end, asked=asked, waited=waited),
            st.integers(0, 300),
            st.integers(0, 30),
            st.integers(0, 8),
        ),
        max_size=12,
    ),
)
def test_wall_clock_time_counts_each_second_under_retry_once(retries: list[Attempt]) -> None:
    ends = [round((one.timestamp - NOON).total_seconds()) for one in retries]
    seconds = {
        second
        for one, end in zip(retries, ends, strict=True)
        for second in range(end - round(one.query_duration_seconds + one.backoff_seconds), end)
    }
    assert retry_time(reversed(retries)).wall_seconds == pytest.approx(len(seconds))


# --- status


@pytest.mark.parametrize(
    ("successful", "total", "status"),
    [
        (66, 66, RunStatus.COMPLETED),
        (65, 66, RunStatus.PARTIAL),
        (1, 66, RunStatus.PARTIAL),
        (0, 66, RunStatus.FAILED),
        (0, 0, RunStatus.COMPLETED),
    ],
)
def test_a_run_that_came_to_its_end_is_judged_by_whom_it_reached(
    successful: int, total: int, status: RunStatus
) -> None:
    assert finished_status(successful, total) is status


def test_the_success_rate_is_of_all_vessels_in_the_run() -> None:
    assert success_rate_percent(63, 66) == pytest.approx(95.4545, abs=1e-4)
    assert run(reached=33).success_rate_percent == 50.0
    assert success_rate_percent(0, 0) is None


def test_vessels_reached_and_unreachable_are_finished() -> None:
    assert run(reached=40, unreachable=2).finished_vessels == 42


# --- details


def test_only_the_first_attempt_of_a_vessel_is_initial() -> None:
    kinds = [attempt(number=number).kind for number in (1, 2, 3, 4)]
    assert kinds == [AttemptKind.INITIAL, AttemptKind.RETRY, AttemptKind.RETRY, AttemptKind.RETRY]


def test_the_retry_summary_names_the_vessels_that_needed_any() -> None:
    details = RunDetails(
        run(),
        (
            attempt("aurora"),
            attempt("borealis", 1, error=ErrorKind.TIMEOUT, last=False),
            attempt("cetus", 1, error=ErrorKind.CONNECTION, last=False),
            attempt("cetus", 2, error=ErrorKind.CONNECTION, last=False),
            attempt("borealis", 2),
            attempt("cetus", 3),
        ),
    )
    assert details.retry_summary == {"borealis": 1, "cetus": 2}


def test_a_vessel_that_failed_to_the_end_is_unreachable() -> None:
    details = RunDetails(
        run(),
        (
            attempt("zephyr", 1, error=ErrorKind.AUTHENTICATION),
            attempt("aurora", 1, error=ErrorKind.TIMEOUT, last=False),
            attempt("aurora", 2, error=ErrorKind.TIMEOUT),
        ),
    )
    assert details.unreachable_vessels == ("aurora", "zephyr")


def test_a_vessel_that_answered_on_a_retry_is_reached() -> None:
    details = RunDetails(run(), (attempt("aurora", 1, error=ErrorKind.TIMEOUT, last=False), attempt("aurora", 2)))
    assert details.unreachable_vessels == ()


def test_a_vessel_that_is_still_being_retried_is_not_yet_unreachable() -> None:
    details = RunDetails(run(), (attempt("aurora", 1, error=ErrorKind.TIMEOUT, last=False),))
    assert details.unreachable_vessels == ()


def test_that_we_were_stopped_makes_no_vessel_unreachable() -> None:
    details = RunDetails(run(), (attempt("aurora", 1, error=ErrorKind.CANCELLED),))
    assert details.unreachable_vessels == ()


# --- closing a run


def test_a_closed_run_has_the_figures_of_its_attempts() -> None:
    attempts = [
        attempt("aurora", end=10),
        attempt("borealis", end=10, error=ErrorKind.TIMEOUT, last=False),
        attempt("borealis", 2, end=13, waited=1, error=ErrorKind.TIMEOUT),
    ]
    ended = closed(run(), attempts, NOON + timedelta(seconds=14), duration_seconds=13.9)
    assert (ended.status, ended.duration_seconds) == (RunStatus.PARTIAL, 13.9)
    assert (ended.successful_vessels, ended.failed_vessels, ended.retry_attempts) == (1, 1, 1)
    assert (ended.retry_seconds, ended.retry_wait_seconds, ended.retry_query_seconds) == (2, 1, 1)


def test_a_run_that_nobody_timed_lasted_from_its_start_to_its_end() -> None:
    assert closed(run(), [], NOON + timedelta(seconds=7)).duration_seconds == 7
    assert closed(run(), [], NOON - timedelta(seconds=7)).duration_seconds == 0  # the clock was set back


def test_an_interrupted_run_is_never_slow() -> None:
    end, usual = NOON + timedelta(minutes=5), [20.0] * 5
    assert closed(run(reached=66), [], end, durations_before=usual).slow
    assert not closed(run(reached=66), [], end, status=RunStatus.INTERRUPTED, durations_before=usual).slow


def test_a_run_whose_attempts_are_gone_keeps_its_counts() -> None:
    assert recounted(run(reached=60, unreachable=6), []) == run(reached=60, unreachable=6)
