"""The daemon thread that starts runs: at their slots, on request, once at the start."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import schedule

from fleetdash.domain.clock import Clock
from fleetdash.domain.runs import Run, SchedulerStatus, Trigger
from fleetdash.domain.schedule import Schedule
from fleetdash.errors import RunUnderWay, SchedulerUnavailable, StorageError
from fleetdash.monitoring.monitor import FleetMonitor
from fleetdash.monitoring.remote_scheduler import RemoteScheduler
from fleetdash.storage.locks import SchedulingLock

log = logging.getLogger(__name__)

_TICK_SECONDS = 1
_STOP_WITHIN_SECONDS = 4.0


class Scheduler:
    """One thread makes all runs of this process, so never two at once.

    1. Standby: another process holds the scheduling lock; each tick tries to acquire it.
    2. Scheduling: this process holds the lock; runs of a dead process are closed, then slots and requests are served.
    3. Stopped: the current run is closed as interrupted, the lock is released.
    """

    def __init__(
        self,
        monitor: FleetMonitor,
        plan: Schedule,
        lock: SchedulingLock,
        clock: Clock,
        *,
        run_on_start: bool = True,
        housekeeping: Callable[[datetime], object] = lambda _now: None,
    ) -> None:
        """`housekeeping` does a small piece of work per tick, while no run is under way."""
        self._monitor = monitor
        self._plan = plan
        self._lock = lock
        self._clock = clock
        self._remote = RemoteScheduler(monitor.recorder.runs, plan, lock, clock, vessels=len(monitor.targets))
        self._run_on_start = run_on_start
        self._housekeeping = housekeeping
        # the module-level scheduler of `schedule` is shared by everyone
        self._ticker = schedule.Scheduler()
        self._thread = threading.Thread(target=self._loop, name="scheduler", daemon=True)
        self._stop = threading.Event()
        self._abort_run = threading.Event()
        """Ends the run under way: this process stops, or another one schedules."""
        self._next_lock_check = float("-inf")
        self._wake = threading.Event()
        self._state = threading.Lock()
        self._scheduling = False
        self._current: Run | None = None
        self._served_until: datetime | None = None
        """Slots up to here are served; `None`: one that was missed while away is to be made up for."""
        self._newest_slot: datetime | None = None
        """The latest slot that a run of this process was made for, whatever the clock shows now."""
        self._run_began = float("-inf")
        self._last_run_at: datetime | None = None
        self._last_error = ""

    def start(self) -> None:
        self._thread.start()

    def stop_soon(self) -> None:
        """Tell the thread to stop, without waiting: safe in a signal handler."""
        self._stop.set()
        self._abort_run.set()
        self._wake.set()

    def stop(self) -> None:
        """Stop, and the run under way with it; returns within 5 s."""
        self.stop_soon()
        if self._thread.is_alive():
            self._thread.join(_STOP_WITHIN_SECONDS)

    def request_run(self) -> str:
        """Open a run, which the scheduling thread then makes; another process does so within 2 s.

        Raises `RunUnderWay`, `SchedulerUnavailable` or `StorageError`.
        """
        if self._stop.is_set() or not self._thread.is_alive():
            raise SchedulerUnavailable("the scheduler of this process has stopped")
        with self._state:
            run = self._monitor.open_run(Trigger.MANUAL)
            if self._scheduling:
                self._current = run
                self._run_began = self._clock.monotonic()
        self._wake.set()
        return run.run_id

    def status(self) -> SchedulerStatus:
        """The state of the scheduler; reads the database only where another process schedules."""
        alive = self._thread.is_alive()
        backlog = self._monitor.recorder.backlog
        with self._state:
            is_local = self._scheduling or not alive
        if not is_local:
            return self._remote.status()
        now, monotonic = self._clock.now(), self._clock.monotonic()
        with self._state:
            running_for = timedelta(seconds=monotonic - self._run_began) if self._current else None
            overdue = self._plan.is_overdue(
                now,
                # after the clock was set back it may lie ahead until the next tick
                served_until=min(self._served_until, now) if self._served_until else None,
                running_for=running_for,
            )
            return SchedulerStatus(
                running=alive,
                current_run_id=self._current.run_id if self._current else None,
                next_run_at=self._plan.next_due(now),
                last_run_at=self._last_run_at,
                overdue=not alive or overdue,
                waiting_records=backlog.records,
                waiting_since=backlog.since,
                journal_full=backlog.full,
            )

    def _loop(self) -> None:
        try:
            self._guarded_tick()  # the first run need not wait for the first tick
            while not self._stop.is_set():
                self._tick_on_time()
                self._wake.wait(_TICK_SECONDS / 2)
                if self._wake.is_set():
                    self._wake.clear()
                    self._guarded_tick()
        finally:
            self._stand_down()

    def _tick_on_time(self) -> None:
        """Let `schedule` tick each second: it goes by the time of day, and after a clock set back would wait."""
        if self._ticker.idle_seconds is None or self._ticker.idle_seconds > _TICK_SECONDS:
            self._ticker.clear()
            self._ticker.every(_TICK_SECONDS).seconds.do(self._guarded_tick)
        self._ticker.run_pending()

    def _guarded_tick(self) -> None:
        try:
            self._tick()
            self._last_error = ""
        except StorageError as error:
            if str(error) != self._last_error:  # it may last, and there is a tick per second
                self._last_error = str(error)
                log.error("%s", error)
        except Exception:  # the thread must outlive any run: schedule stops ticking when a job raises
            log.exception("internal error in the scheduler; it goes on")

    def _tick(self) -> None:
        if self._stop.is_set():
            return
        if self._scheduling:
            self._check_lock()
        if not self._scheduling and not self._take_over():
            return
        # requested in this process, or in one that does not schedule
        if requested := self._monitor.recorder.run_under_way():
            self._execute(requested)
        if (due := self._slot_due(self._clock.now())) is not None:
            self._run(Trigger.SCHEDULE, due)
        self._catch_up()
        self._housekeeping(self._clock.now())

    def _slot_due(self, now: datetime) -> datetime | None:
        """The newest slot, unless a run served it.

        After the clock was set back, the slots that it shows again are due again, but for one whose run began less
        than half an interval ago: a clock set right by some seconds is no reason to ask twice.
        """
        due = self._plan.last_due(now)
        if self._served_until is not None and self._served_until > now:
            log.warning("the clock was set back, from %s or later", self._served_until.isoformat())
            self._served_until = due
        if self._served_until is not None and due <= self._served_until:
            return None
        shown_again = self._newest_slot is not None and due <= self._newest_slot
        if shown_again and self._clock.monotonic() - self._run_began < self._plan.interval.total_seconds() / 2:
            self._served_until = due
            return None
        return due

    def _check_lock(self) -> None:
        """Go to standby when another process acquired the lock while the database was away."""
        try:
            held = self._lock.acquire()
        except StorageError:
            return  # no process can take over a database that is away: runs go on
        if not held:
            log.warning("another process schedules this database now; this one is on standby")
            with self._state:
                self._scheduling = False

    def _catch_up(self) -> None:
        """Write what is in the journal, as long as that makes progress and nothing else is to be done."""
        recorder = self._monitor.recorder
        waiting = recorder.backlog.records
        while waiting and not self._wake.is_set():
            recorder.catch_up()
            before, waiting = waiting, recorder.backlog.records
            if waiting == before:
                return

    def _stand_down(self) -> None:
        try:
            self._monitor.recorder.stand_down()
            self._lock.release()
        except StorageError as error:  # the lock ends with its session anyway
            log.warning("%s", error)

    def _take_over(self) -> bool:
        """Acquire the lock, recover, and make the run that is due at a start."""
        self._catch_up()  # the journal may have records from when this process scheduled
        if not self._lock.acquire():
            if not self._monitor.recorder.backlog.records:
                self._monitor.recorder.stand_down()
            return False
        try:
            self._monitor.recover()
        except StorageError:
            self._stand_down()
            raise
        now = self._clock.now()
        newest = self._monitor.recorder.runs.newest_run(now)
        due = self._plan.last_due(now)
        missed = newest is not None and newest.start_time < due
        with self._state:
            self._scheduling = True
            self._last_run_at = newest.start_time if newest else None
            # without a start-up run, the tick makes up for a slot that was missed before the start, once
            self._served_until = None if missed and not self._run_on_start else due
        log.info("scheduling: next run at %s", self._plan.next_due(now).isoformat())
        if self._run_on_start:
            self._run(Trigger.STARTUP, None)
        return True

    def _run(self, trigger: Trigger, due_at: datetime | None) -> None:
        try:
            run = self._monitor.open_run(trigger, due_at)
        except RunUnderWay:
            log.info("a requested run is under way; it serves the slot that is due")
            run = None
        if due_at is not None:
            self._served_until = self._newest_slot = due_at
        if run is not None:
            self._execute(run)

    def _execute(self, run: Run) -> None:
        self._abort_run.clear()
        if self._stop.is_set():
            self._abort_run.set()
        with self._state:
            self._current = run
            self._last_run_at = run.start_time
            self._run_began = self._clock.monotonic()
        ended_at = None
        try:
            ended_at = self._monitor.execute_run(run, self._abort_run, while_idle=self._between_attempts).end_time
        finally:
            with self._state:
                self._current = None
                # the slots that passed during it are lost, not due
                self._served_until = ended_at or self._clock.now()

    def _between_attempts(self) -> None:
        """Check the lock: while the database was away, another process may have taken over."""
        recorder = self._monitor.recorder
        recorder.catch_up()
        now = self._clock.monotonic()
        if now >= self._next_lock_check and not recorder.backlog.records:
            self._next_lock_check = now + _TICK_SECONDS
            self._check_lock()
            if not self._scheduling:
                self._abort_run.set()
