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
            recorder(self.database, VesselStates(self.database)),
            new_pool=lambda: WorkerPool(ask, self.clock, 8),
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
    # as another process would, at the first moment at which it can; a try in vain closes the thread's connection
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


def test_a_process_that_only_serves_says_overdue_until_a_run_begins(bridge: Bridge) -> None:
    earlier = bridge.log.log_run_start(Trigger.SCHEDULE, 0, START.replace(minute=0), due_at=START.replace(minute=0))
    bridge.log.log_run_completion(earlier.run_id, START, status=RunStatus.FAILED, error_message="the run failed")
    page = bridge.page_only()
    bridge.clock.set(START.replace(minute=16))
    assert not page.status().overdue
    for minute in (17, 31, 44, 59):
        bridge.clock.set(START.replace(minute=minute))
        assert page.status().overdue
    bridge.log.log_run_start(Trigger.MANUAL, 0, bridge.clock.now())
    lock = bridge.lock()
    assert lock.acquire()
    assert not page.status().overdue
    lock.release()


def test_a_run_of_a_process_that_died_is_no_excuse(bridge: Bridge) -> None:
    bridge.log.log_run_start(Trigger.SCHEDULE, 0, START)
    bridge.clock.set(START.replace(minute=18))
    assert bridge.page_only().status().overdue


@pytest.mark.parametrize("hours", [1, 3])
def test_runs_go_on_when_the_clock_is_set_back(bridge: Bridge, hours: int) -> None:
    ticks = Ticks()
    scheduler = bridge.scheduler(bridge.good_vessel(), housekeeping=ticks)
    scheduler_is_up(scheduler)
    bridge.clock.set(START.replace(minute=15))
    bridge.runs(1)
    bridge.clock.jump(timedelta(minutes=10) - timedelta(hours=hours))
    ticks.one_more()
    for number, minute in enumerate((30, 45), 2):
        # as time itself would have passed: an interval since the run before
        bridge.clock.let_pass(timedelta(minutes=15))
        bridge.clock.set((START - timedelta(hours=hours)).replace(minute=minute))
        newest = bridge.runs(number)[0]
        assert newest.trigger is Trigger.SCHEDULE
        assert newest.start_time >= (START - timedelta(hours=hours)).replace(minute=minute)
        assert not scheduler.status().overdue


def test_a_slot_is_not_filled_twice_by_a_clock_set_right_by_seconds(bridge: Bridge) -> None:
    scheduler = bridge.scheduler(bridge.good_vessel())
    scheduler_is_up(scheduler)
    bridge.clock.set(START.replace(minute=15, second=2))
    (run,) = bridge.runs(1)
    bridge.clock.set(START.replace(minute=14, second=55))
    wait_until(lambda: scheduler.status().next_run_at == START.replace(minute=15))
    bridge.clock.set(START.replace(minute=15))
    requested = scheduler.request_run()  # had the slot been served again, that run would come first
    newest, oldest = bridge.runs(2)
    assert (newest.run_id, oldest.run_id) == (requested, run.run_id)


def test_a_slot_that_the_clock_shows_again_is_counted_once(bridge: Bridge) -> None:
    slot = START.replace(minute=15)
    first = bridge.log.log_run_start(Trigger.SCHEDULE, 0, slot + timedelta(seconds=1), due_at=slot)
    bridge.log.log_run_completion(first.run_id, slot + timedelta(seconds=9))
    bridge.log.log_run_start(Trigger.SCHEDULE, 0, slot + timedelta(seconds=2), due_at=slot)
    with bridge.database.connection_context():
        filled = bridge.database.execute_sql("SELECT count(*) FROM scheduler_runs WHERE due_at IS NOT NULL").fetchone()
    assert filled == (1,)


def test_a_run_made_while_the_clock_was_ahead_does_not_hold_up_the_next(bridge: Bridge) -> None:
    ticks = Ticks()
    scheduler = bridge.scheduler(bridge.good_vessel(), housekeeping=ticks)
    scheduler_is_up(scheduler)
    bridge.clock.jump(timedelta(days=1))
    bridge.runs(1)
    bridge.clock.jump(-timedelta(days=1))
    ticks.one_more()
    bridge.clock.let_pass(timedelta(minutes=13))
    bridge.clock.set(START.replace(minute=15))
    newest, _ = bridge.runs(2)
    assert newest.start_time < START + timedelta(hours=1)
    assert scheduler.status().last_run_at == newest.start_time


class Ticks:
    """Counts a scheduler's ticks, as its housekeeping."""

    def __init__(self) -> None:
        self.times: list[datetime] = []

    def __call__(self, now: datetime) -> None:
        self.times.append(now)

    def one_more(self) -> None:
        """Wait until a tick has begun and ended."""
        seen = len(self.times)
        wait_until(lambda: len(self.times) >= seen + 2)


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
