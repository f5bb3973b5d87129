"""What the monitoring writes: an attempt and what follows from it, in one transaction."""

from datetime import datetime

import peewee

from fleetdash.domain.fleet import Vessel
from fleetdash.domain.pings import ShipAnswer
from fleetdash.domain.runs import Attempt
from fleetdash.errors import StorageError
from fleetdash.storage.database import writing
from fleetdash.storage.run_logger import SchedulerRunLogger
from fleetdash.storage.vessel_states import VesselStates


class Recorder:
    """The run log and the statuses together, so that none is ever ahead of the other."""

    def __init__(self, database: peewee.Database, states: VesselStates) -> None:
        self._database = database
        self.runs = SchedulerRunLogger(database)
        self.states = states

    def attempt_ended(self, run_id: str, vessel: Vessel, attempt: Attempt, answer: ShipAnswer | None) -> None:
        """Record an attempt; when it ends its chain, the vessel's new status with it."""
        try:
            with writing(self._database):
                self.runs.log_vessel_query_result(run_id, attempt)
                if answer is not None:
                    self.states.record_answer(vessel, answer, attempt)
                elif attempt.unreachable:
                    self.states.record_failure(vessel, attempt)
        except StorageError:
            self.states.forget(vessel.id)
            raise

    def fleet_changed(self, vessels: tuple[Vessel, ...], now: datetime) -> None:
        """Take in the fleet file as it is now."""
        self.states.follow_fleet_file(vessels, now)
