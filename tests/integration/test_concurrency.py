"""R3.3: nobody waits for anybody, and a worker that does not come back is left behind."""

import threading
import time
from contextlib import ExitStack
from datetime import timedelta

import pytest

from fleetdash.config.settings import VesselTarget
from fleetdash.domain.clock import SystemClock
from fleetdash.domain.pings import QueryContext, VesselAnswer
from fleetdash.domain.runs import Attempt, ErrorKind, Run, RunStatus, Trigger
from fleetdash.errors import ConnectionLost
from fleetdash.monitoring.fleet_run import FleetRun
from fleetdash.monitoring.pool import QueryFn, WorkerPool
from fleetdash.monitoring.retry import RetryPolicy
from tests.support.raw_vessel import RawVessel, http, nothing_recorded, says
from tests.support.vessels import client, vessel_at, with_timeout

CLOCK = SystemClock()
ANSWER = VesselAnswer(CLOCK.now(), ())


def run_over(
    vessels: list[VesselTarget], ask: QueryFn, *, policy: RetryPolicy, at_once: int = 128, timeout: float = 1.0
) -> list[Attempt]:
    """The attempts of a run, in the order of their ends."""
    attempts: list[Attempt] = []
    run = Run("1", CLOCK.now(), Trigger.MANUAL, RunStatus.RUNNING, len(vessels))
    FleetRun(
        run,
        [with_timeout(vessel, timeout) for vessel in vessels],
        {},
        pool=WorkerPool(ask, CLOCK, at_once),
        policy=policy,
        record=lambda _run, _vessel, attempt, _answer: attempts.append(attempt),
        clock=CLOCK,
        stop=threading.Event(),
    ).execute()
    return attempts


def fleet(count: int, url: str = "http://127.0.0.1:9") -> list[VesselTarget]:
    return [vessel_at(url, id=f"vessel{number}") for number in range(count)]


def test_twelve_vessels_that_hang_to_the_timeout_delay_nobody_and_not_each_other() -> None:
    timeout = 10.0
    with ExitStack() as stack:
        well = stack.enter_context(RawVessel(says(http("200 OK", nothing_recorded()))))
        hanging = stack.enter_context(RawVessel(lambda _: None, read_request=False))
        vessels = [vessel_at(hanging.url, id=f"hanging{number}") for number in range(12)] + fleet(24, well.url)
        attempts = run_over(vessels, client(timeout).ask, policy=RetryPolicy(0), timeout=timeout)
    assert {attempt.vessel_id for attempt in attempts if attempt.success} == {
        vessel.vessel.id for vessel in vessels[12:]
    }
    assert attempts[0].success  # though the ones that hang were asked before it
    gave_up = [attempt.timestamp for attempt in attempts if not attempt.success]
    assert len(gave_up) == 12
    assert max(gave_up) - min(gave_up) < timedelta(seconds=timeout)  # one after another would take eleven times that


def test_no_more_vessels_are_under_way_than_the_setting_allows() -> None:
    under_way, most = 0, 0
    lock = threading.Lock()
    together = threading.Barrier(4, timeout=10)

    def ask(_vessel: VesselTarget, _memory: QueryContext) -> VesselAnswer:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        together.wait()  # passes only when as many as are allowed are under way at once
        with lock:
            under_way -= 1
        return ANSWER

    attempts = run_over(fleet(40), ask, policy=RetryPolicy(0), at_once=4, timeout=30)
    assert len(attempts) == 40
    assert most == 4


def test_waiting_for_a_retry_holds_no_worker() -> None:
    failed_once: set[str] = set()

    def ask(vessel: VesselTarget, _memory: QueryContext) -> VesselAnswer:
        if vessel.vessel.id not in failed_once:
            failed_once.add(vessel.vessel.id)
            raise ConnectionLost("gone")
        return ANSWER

    started = time.monotonic()
    attempts = run_over(fleet(20), ask, policy=RetryPolicy(1, (0.5,)), at_once=1)
    assert len(attempts) == 40
    assert all(not attempt.success for attempt in attempts[:20])  # each had its first attempt before any its second
    assert time.monotonic() - started < 5  # holding the worker would take 10 s


def test_a_lookup_that_cannot_be_interrupted_is_left_behind_at_the_deadline() -> None:
    never = threading.Event()

    def ask(vessel: VesselTarget, _memory: QueryContext) -> VesselAnswer:
        if vessel.vessel.id == "vessel0":
            never.wait()
        return ANSWER

    attempts = run_over(fleet(5), ask, policy=RetryPolicy(0), at_once=1, timeout=0.2)
    never.set()
    by_vessel = {attempt.vessel_id: attempt for attempt in attempts}
    assert by_vessel["vessel0"].error_kind is ErrorKind.TIMEOUT
    assert all(by_vessel[f"vessel{number}"].success for number in range(1, 5))


def test_a_fault_of_our_own_costs_only_the_vessel_that_it_struck(caplog: pytest.LogCaptureFixture) -> None:
    def ask(vessel: VesselTarget, _memory: QueryContext) -> VesselAnswer:
        if vessel.vessel.id == "vessel1":
            raise ZeroDivisionError("a bug")
        return ANSWER

    attempts = run_over(fleet(3), ask, policy=RetryPolicy(3))
    struck = [attempt for attempt in attempts if attempt.vessel_id == "vessel1"]
    assert [attempt.error_kind for attempt in struck] == [ErrorKind.INVALID_DATA]
    assert sum(attempt.success for attempt in attempts) == 2
    assert "a bug" in caplog.text
