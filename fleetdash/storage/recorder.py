"""Records runs: an attempt and what follows from it, in one transaction."""

from datetime import datetime

import peewee

from fleetdash.domain.fleet import Vessel
from fleetdash.domain.pings import QueryContext, VesselAnswer
from fleetdash.domain.runs import Attempt, Backlog, Run, RunStatus, Trigger
from fleetdash.errors import StorageError
from fleetdash.storage.database import writing
from fleetdash.storage.run_logger import SchedulerRunLogger
from fleetdash.storage.vessel_states import VesselStates


class Recorder:
    """Writes the run log and the statuses together, so that neither is ahead of the other; raises `StorageError`.

    This one writes at once or fails; `JournalledRecorder` keeps what the database cannot take.
    """

    def __init__(self, database: peewee.Database, states: VesselStates) -> None:
        self._database = database
        self.runs = SchedulerRunLogger(database)
        self.states = states

    @property
    def backlog(self) -> Backlog:
        """Records that wait to be written."""
        return Backlog()

    def take_over(self) -> None:
        """Become the writing process: write what a dead process left. Needs the scheduling lock."""

    def stand_down(self) -> None:
        """Another process writes from now on, including what waits."""

    def catch_up(self) -> None:
        """Write what waits, as far as the database accepts it; never raises `StorageError`."""

    def run_started(
        self, trigger: Trigger, total_vessels: int, started_at: datetime, *, due_at: datetime | None = None
    ) -> Run:
        """Open a run; raises `RunUnderWay`."""
        with writing(self._database):
            self.states.correct_clock(started_at)
            return self.runs.log_run_start(trigger, total_vessels, started_at, due_at=due_at)

    def run_under_way(self) -> Run | None:
        """The run that has not ended."""
        return self.runs.run_under_way()

    def attempt_ended(self, run_id: str, vessel: Vessel, attempt: Attempt, answer: VesselAnswer | None) -> None:
        """Record an attempt and, when it ends its chain, the vessel's new status."""
        try:
            with writing(self._database):
                self.runs.log_vessel_query_result(run_id, attempt)
                if answer is not None:
                    self.states.record_answer(vessel, answer, attempt)
                elif attempt.unreachable:
                    self.states.record_failure(vessel, attempt)
        except StorageError:
            self.states.invalidate(vessel.id)
            raise

    def run_completed(
        self,
        run_id: str,
        ended_at: datetime,
        *,
        duration_seconds: float | None = None,
        status: RunStatus | None = None,
        error_message: str | None = None,
    ) -> Run:
        """Close a run."""
        return self.runs.log_run_completion(
            run_id, ended_at, duration_seconds=duration_seconds, status=status, error_message=error_message
        )

    def query_contexts(self) -> dict[str, QueryContext]:
        """The context of the next request to each vessel, by vessel id."""
        return self.states.query_contexts()

    def fleet_changed(self, vessels: tuple[Vessel, ...], now: datetime) -> None:
        """Record the vessels and devices of the fleet file."""
        self.states.sync_fleet(vessels, now)
