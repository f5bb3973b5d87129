"""The thread that makes the runs: at the start, on its slots, on request; never two at once, never dead."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import peewee
import pytest

from fleetdash.config.settings import VesselTarget
from fleetdash.domain.runs import ErrorKind, Run, RunStatus, Trigger
from fleetdash.domain.schedule import Schedule
from fleetdash.domain.status import Limits
from fleetdash.errors import RunUnderWay, SchedulerUnavailable, StorageError
from fleetdash.monitoring.monitor import FleetMonitor
from fleetdash.monitoring.pool import WorkerPool
from fleetdash.monitoring.remote_scheduler import RemoteScheduler
from fleetdash.monitoring.retry import RetryPolicy
from fleetdash.monitoring.scheduler import Scheduler
from fleetdash.storage.database import sqlite_file
from fleetdash.storage.locks import SchedulingLock, scheduling_lock
from fleetdash.storage.recorder import Recorder
from fleetdash.storage.retention import Retention
from fleetdash.storage.run_logger import SchedulerRunLogger
from fleetdash.storage.vessel_states import VesselStates
from tests.support.clock import MovedClock
from tests.support.raw_vessel import RawVessel, http, nothing_recorded, says
from tests.support.vessels import client, vessel_at
from tests.support.waiting import wait_until

START = datetime(2026, 3, 1, 10, 2, tzinfo=UTC)
QUARTER_HOURS = Schedule(15, None, ZoneInfo("UTC"))


class Bridge:
    """Schedulers on one database, with a clock that the test turns; all stop with the test."""

    def __init__(self, database: peewee.Database, url: str) -> None:
        self._stack = ExitStack()
        self._url = url
        self.clock = MovedClock(START)
        self.database = database
        self.log = SchedulerRunLogger(self.database)

    def good_vessel(self) -> VesselTarget:
        return vessel_at(self._stack.enter_context(RawVessel(says(http("200 OK", nothing_recorded())))).url)

    def hanging_vessel(self) -> VesselTarget:
        return vessel_at(self._stack.enter_context(RawVessel(lambda _: None, read_request=False)).url, id="hanging")

    def scheduler(
        self,
        *vessels: VesselTarget,
        run_on_start: bool = False,
        recorder: type[Recorder] = Recorder,
        timeout: float = 30.0,
        housekeeping: Callable[[datetime], object] = lambda _now: None,
    ) -> Scheduler:
        ask = client(timeout).ask
        monitor = FleetMonitor(
            vessels,
            recorder(self.database, VesselStates(self.database, Limits())),
            new_pool=lambda: WorkerPool(ask, self.clock, 8, timeout),
            policy=RetryPolicy(max_retries=0),
            clock=self.clock,
        )
        scheduler = Scheduler(
            monitor, QUARTER_HOURS, self.lock(), self.clock, run_on_start=run_on_start, housekeeping=housekeeping
        )
        self._stack.callback(scheduler.stop)
        scheduler.start()
        return scheduler

    def lock(self) -> SchedulingLock:
        return scheduling_lock(self.database, sqlite_file(self._url))

    def page_only(self) -> RemoteScheduler:
        """What a process that only serves has in place of a scheduler."""
        return RemoteScheduler(self.log, QUARTER_HOURS, self.lock(), self.clock, vessels=1)

    def runs(self, count: int) -> list[Run]:
        """The newest runs once there are as many, all ended; newest first."""

        def all_ended() -> list[Run] | None:
            runs = self.log.get_recent_runs()
            return runs if len(runs) >= count and all(run.status is not RunStatus.RUNNING for run in runs) else None

        runs = wait_until(all_ended)
        assert len(runs) == count
        return runs

    def close(self) -> None:
        self._stack.close()


@pytest.fixture
def bridge(database: peewee.Database, database_url: str) -> Iterator[Bridge]:
    bridge = Bridge(database, database_url)
    yield bridge
    bridge.close()


def test_one_run_when_serving_begins(bridge: Bridge) -> None:
    bridge.scheduler(bridge.good_vessel(), run_on_start=True)
    (run,) = bridge.runs(1)
    assert (run.trigger, run.status, run.successful_vessels) == (Trigger.STARTUP, RunStatus.COMPLETED, 1)


def test_a_run_on_each_slot(bridge: Bridge) -> None:
    scheduler = bridge.scheduler(bridge.good_vessel(), run_on_start=True)
    bridge.runs(1)
    assert scheduler.status().next_run_at == START.replace(minute=15)
    bridge.clock.jump(timedelta(minutes=13))
    bridge.runs(2)
    bridge.clock.jump(timedelta(minutes=15))
    assert [run.trigger for run in bridge.runs(3)] == [Trigger.SCHEDULE, Trigger.SCHEDULE, Trigger.STARTUP]


def test_the_history_is_pruned_between_runs(bridge: Bridge) -> None:
    before = SchedulerRunLogger(bridge.database)
    for days_ago in (40, 1):
        start = START - timedelta(days=days_ago)
        run_id = before.log_run_start(Trigger.SCHEDULE, 1, start).run_id
        before.log_run_completion(run_id, start)
    retention = Retention(bridge.database, attempts_days=7, runs_days=30)
    bridge.scheduler(bridge.good_vessel(), run_on_start=True, housekeeping=retention.step)
    wait_until(lambda: START - timedelta(days=40) not in [run.start_time for run in bridge.log.get_recent_runs()])
    assert len(bridge.runs(2)) == 2


def test_a_new_installation_waits_for_its_first_slot(bridge: Bridge) -> None:
    scheduler = bridge.scheduler(bridge.good_vessel())
    wait_until(lambda: scheduler.status().is_local)
    bridge.clock.jump(timedelta(minutes=13))
    (run,) = bridge.runs(1)
    assert run.start_time >= START.replace(minute=15)


def test_what_was_missed_while_away_is_made_up_for_once(bridge: Bridge) -> None:
    long_ago = START - timedelta(hours=5)
    earlier = bridge.log.log_run_start(Trigger.SCHEDULE, 0, long_ago)
    bridge.log.log_run_completion(earlier.run_id, long_ago)
    bridge.scheduler(bridge.good_vessel())
    newest, _ = bridge.runs(2)
    assert newest.trigger is Trigger.SCHEDULE
    bridge.clock.jump(timedelta(minutes=13))  # and then on the grid again
    bridge.runs(3)


def test_nothing_is_made_up_for_when_nothing_was_missed(bridge: Bridge) -> None:
    earlier = bridge.log.log_run_start(Trigger.SCHEDULE, 0, START - timedelta(minutes=1))
    bridge.log.log_run_completion(earlier.run_id, START)
    scheduler = bridge.scheduler(bridge.good_vessel())
    scheduler_is_up(scheduler)
    requested = scheduler.request_run()  # had one been made up for, it would have come first
    newest, _ = bridge.runs(2)
    assert newest.run_id == requested


def test_a_run_on_request_and_only_one_at_a_time(bridge: Bridge) -> None:
    scheduler = bridge.scheduler(bridge.hanging_vessel(), timeout=1.0)
    scheduler_is_up(scheduler)
    run_id = scheduler.request_run()
    with pytest.raises(RunUnderWay) as caught:
        scheduler.request_run()
    assert caught.value.run_id == run_id == scheduler.status().current_run_id
    (run,) = bridge.runs(1)
    assert (run.run_id, run.trigger, run.status) == (run_id, Trigger.MANUAL, RunStatus.FAILED)


def test_a_stop_in_the_middle_of_a_run_takes_less_than_5_seconds(bridge: Bridge) -> None:
    scheduler = bridge.scheduler(bridge.hanging_vessel(), bridge.good_vessel(), run_on_start=True)
    wait_until(lambda: scheduler.status().current_run_id and bridge.log.get_run_details("1").attempts)
    started = time.monotonic()
    scheduler.stop()
    assert time.monotonic() - started < 5
    details = bridge.log.get_run_details("1")
    assert details.run.status is RunStatus.INTERRUPTED
    assert (details.run.successful_vessels, details.run.failed_vessels) == (1, 0)
    cancelled = details.attempts[-1]
    assert (cancelled.vessel_id, cancelled.error_kind) == ("hanging", ErrorKind.CANCELLED)
    assert details.unreachable_vessels == ()


def test_a_run_left_by_a_dead_process_becomes_interrupted(bridge: Bridge) -> None:
    bridge.log.log_run_start(Trigger.SCHEDULE, 3, START - timedelta(minutes=1))
    bridge.scheduler(bridge.good_vessel())
    (run,) = bridge.runs(1)
    assert run.status is RunStatus.INTERRUPTED
    assert run.error_message is not None


def test_a_second_scheduler_stands_by_touches_nothing_and_takes_over(bridge: Bridge) -> None:
    first = bridge.scheduler(bridge.hanging_vessel(), run_on_start=True)
    live = wait_until(lambda: first.status().current_run_id)
    second = bridge.scheduler(bridge.good_vessel())
    with pytest.raises(RunUnderWay):
        second.request_run()
    assert not second.status().is_local
    assert bridge.log.get_run_details(live).run.status is RunStatus.RUNNING
    first.stop()
    wait_until(lambda: second.status().is_local)
    assert second.request_run()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_run_ends_when_its_scheduler_lost_the_lock_to_another_process(bridge: Bridge) -> None:
    first = bridge.scheduler(bridge.hanging_vessel(), run_on_start=True)
    wait_until(lambda: first.status().current_run_id)
    with bridge.database.connection_context():
        sessions = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
        bridge.database.execute_sql(sessions)
        # as another process would, at the first moment at which it can
        wait_until(bridge.lock().acquire)
        (run,) = bridge.runs(1)
    assert run.status is RunStatus.INTERRUPTED


def test_a_process_that_only_serves_has_its_run_made_by_the_one_that_schedules(bridge: Bridge) -> None:
    page = bridge.page_only()
    with pytest.raises(SchedulerUnavailable):
        page.request_run()
    scheduler_is_up(bridge.scheduler(bridge.good_vessel()))
    run_id = page.request_run()
    (run,) = bridge.runs(1)
    assert (run.run_id, run.status, run.total_vessels) == (run_id, RunStatus.COMPLETED, 1)
    status = page.status()
    assert (status.is_local, status.running, status.overdue) == (False, True, False)
    assert (status.last_run_at, status.current_run_id) == (run.start_time, None)


def test_a_run_that_breaks_does_not_stop_the_ones_after_it(bridge: Bridge) -> None:
    scheduler = bridge.scheduler(bridge.good_vessel(), run_on_start=True, recorder=RecorderThatBreaksOnce)
    (broken,) = bridge.runs(1)
    assert broken.status is RunStatus.FAILED
    assert "the disk burned" in (broken.error_message or "")
    wait_until(lambda: scheduler.status().current_run_id is None)
    scheduler.request_run()
    assert bridge.runs(2)[0].status is RunStatus.COMPLETED


def test_overdue_is_said_when_no_run_began_two_minutes_after_its_slot(bridge: Bridge) -> None:
    scheduler = bridge.scheduler(bridge.hanging_vessel(), run_on_start=True)
    wait_until(lambda: scheduler.status().current_run_id)
    bridge.clock.jump(timedelta(minutes=14))
    assert not scheduler.status().overdue
    bridge.clock.jump(timedelta(minutes=2))
    assert scheduler.status().overdue


class RecorderThatBreaksOnce(Recorder):
    """Stands for a fault of our own in the middle of a run."""

    broken = False

    def attempt_ended(self, *args: object, **kwargs: object) -> None:
        if not self.broken:
            self.broken = True
            raise StorageError("the disk burned")
        super().attempt_ended(*args, **kwargs)  # type: ignore[arg-type]  # as above


def scheduler_is_up(scheduler: Scheduler) -> None:
    wait_until(lambda: scheduler.status().is_local)
