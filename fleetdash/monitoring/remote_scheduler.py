"""The scheduler of another process, seen through the database that both share."""

from fleetdash.domain.clock import Clock
from fleetdash.domain.runs import SchedulerStatus, Trigger
from fleetdash.domain.schedule import OVERDUE_AFTER, Schedule
from fleetdash.errors import SchedulerUnavailable
from fleetdash.storage.locks import SchedulingLock
from fleetdash.storage.run_logger import SchedulerRunLogger


class RemoteScheduler:
    """Stands where this process only serves: `--no-scheduler`, or while another one holds the lock."""

    def __init__(
        self, runs: SchedulerRunLogger, plan: Schedule, lock: SchedulingLock, clock: Clock, *, vessels: int
    ) -> None:
        self._runs = runs
        self._vessels = vessels
        self._plan = plan
        self._lock = lock
        self._clock = clock

    def request_run(self) -> str:
        """Open a run for whoever schedules: it looks every second. Raises as `Scheduler.request_run` does."""
        if not self._lock.is_held():
            raise SchedulerUnavailable("no process schedules this database; start one without --no-scheduler")
        return self._runs.log_run_start(Trigger.MANUAL, self._vessels, self._clock.now()).run_id

    def status(self) -> SchedulerStatus:
        """What the log tells of it."""
        now = self._clock.now()
        newest, under_way = self._runs.newest_run(), self._runs.run_under_way()
        due = self._plan.last_due(now)
        missed = newest is not None and newest.start_time < due and now - due > OVERDUE_AFTER
        return SchedulerStatus(
            running=self._lock.is_held(),
            current_run_id=under_way.run_id if under_way else None,
            next_run_at=self._plan.next_due(now),
            last_run_at=newest.start_time if newest else None,
            overdue=missed,
            is_local=False,
        )
