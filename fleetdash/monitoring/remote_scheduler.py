"""The scheduler of another process, seen through the database that both share."""

from fleetdash.domain.clock import Clock
from fleetdash.domain.runs import SchedulerStatus, Trigger
from fleetdash.domain.schedule import Schedule
from fleetdash.errors import SchedulerUnavailable
from fleetdash.storage.locks import SchedulingLock
from fleetdash.storage.run_logger import SchedulerRunLogger


class RemoteScheduler:
    """For a process that only serves: with `--no-scheduler`, or while another one holds the lock."""

    def __init__(
        self, runs: SchedulerRunLogger, schedule: Schedule, lock: SchedulingLock, clock: Clock, *, vessels: int
    ) -> None:
        self._runs = runs
        self._vessels = vessels
        self._schedule = schedule
        self._lock = lock
        self._clock = clock

    def request_run(self) -> str:
        """Open a run for the process that schedules, which checks every second. Raises as `Scheduler.request_run`."""
        if not self._lock.is_held():
            raise SchedulerUnavailable("no process schedules this database; start one without --no-scheduler")
        return self._runs.log_run_start(Trigger.MANUAL, self._vessels, self._clock.now()).run_id

    def status(self) -> SchedulerStatus:
        """As the run log shows it."""
        now = self._clock.now()
        newest, under_way = self._runs.newest_run(now), self._runs.run_under_way()
        running = self._lock.is_held()
        return SchedulerStatus(
            running=running,
            current_run_id=under_way.run_id if under_way else None,
            next_run_at=self._schedule.next_due(now),
            last_run_at=newest.start_time if newest else None,
            overdue=self._schedule.is_overdue(
                now,
                served_until=min(newest.end_time or newest.start_time, now) if newest else None,
                # a run whose process died is not under way
                running_for=now - under_way.start_time if under_way and running else None,
            ),
            is_local=False,
        )
