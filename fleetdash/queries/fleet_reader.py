"""Everything that the page and the API read; nothing here queries a vessel."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import NamedTuple

import peewee

from fleetdash.domain.analytics.period import Period
from fleetdash.domain.analytics.run_statistics import ComponentDay, RunDay, RunStatistics, VesselDay, VesselReliability
from fleetdash.domain.analytics.summary import Analytics
from fleetdash.domain.events import RunEvent
from fleetdash.domain.metrics import Metrics
from fleetdash.domain.read_models import FleetReport, RunPage, VesselReport, VesselRun
from fleetdash.domain.run_filter import ALL_RUNS, RunFilter
from fleetdash.domain.runs import Run, RunDetails, RunStatus
from fleetdash.domain.schedule import Schedule
from fleetdash.domain.status_history import VesselTimeline
from fleetdash.queries import event_log, fleet, run_log, run_statistics, status_history
from fleetdash.queries.analytics import summary
from fleetdash.queries.event_log import EventPosition
from fleetdash.queries.metrics import MetricsReader
from fleetdash.storage.database import connected, failures
from fleetdash.storage.rows import run_of
from fleetdash.storage.run_logger import SchedulerRunLogger
from fleetdash.storage.schema import SchedulerRunLog, VesselRecord


class FleetState(NamedTuple):
    """Keys that change with their subject; `devices`: which devices there are."""

    version: str
    vessels: str
    devices: str


class FleetReader:
    """Each call is one consistent read; raises `StorageError` when the database cannot be read."""

    def __init__(self, database: peewee.Database, schedule: Schedule | None = None) -> None:
        """`schedule` gives the number of runs due."""
        self._database = database
        self._schedule = schedule
        self._runs = SchedulerRunLogger(database)
        self._metrics = MetricsReader(database)

    def check(self) -> None:
        """Raise `StorageError` when the database cannot be read."""
        with connected(self._database):
            SchedulerRunLog.select(SchedulerRunLog.id).limit(1).execute()
            VesselRecord.select(VesselRecord.id).limit(1).execute()

    def version(self) -> str:
        """A key that changes whenever an attempt, a run or a status did; a few index look-ups."""
        with connected(self._database):
            return run_log.version()

    def fleet(
        self, include_devices: bool = False, known: Mapping[str, VesselReport] = MappingProxyType({})
    ) -> FleetReport:
        """The vessels that the fleet file lists, worst first.

        `known`: vessels of an earlier read, without devices; those that are unchanged come without devices too.
        """
        with connected(self._database), self._database.atomic():
            return fleet.fleet(include_devices, self._newest_run(), known)

    def fleet_state(self) -> FleetState:
        """Keys that change whenever `fleet` does; two cheap queries more than `version`."""
        with connected(self._database), self._database.atomic():
            return FleetState(run_log.version(), *fleet.fleet_version())

    def vessel(self, vessel_id: str) -> VesselReport:
        """One vessel with its devices; raises `NotFound`."""
        with connected(self._database), self._database.atomic():
            return fleet.vessel(vessel_id)

    def runs(self, wanted: RunFilter = ALL_RUNS, *, limit: int = 20, cursor: str | None = None) -> RunPage:
        """A page of the run log, newest first; raises `BadCursor`."""
        with connected(self._database):
            return run_log.page(wanted, limit, cursor)

    def run(self, run_id: str) -> RunDetails:
        """A run with its attempts; raises `NotFound`."""
        return self._runs.get_run_details(run_id)

    def vessel_timeline(self, vessel_id: str, start: datetime, end: datetime) -> VesselTimeline:
        """The status of a vessel and of its devices between two moments; raises `NotFound`."""
        with connected(self._database), self._database.atomic():
            return status_history.vessel_timeline(fleet.vessel(vessel_id), start, end)

    def usual_durations(self, runs: Sequence[Run]) -> dict[str, float]:
        """The usual duration, in seconds, at the time of each of the slow `runs`, by run id."""
        with connected(self._database):
            return run_log.usual_durations(runs)

    def vessel_names(self) -> dict[str, str]:
        """The names of all vessels, also of those that left, by id."""
        with connected(self._database):
            return fleet.names()

    def vessel_runs(self, vessel_id: str, limit: int = 20) -> tuple[VesselRun, ...]:
        """The newest runs in which a vessel was asked."""
        with connected(self._database):
            return run_log.vessel_runs(vessel_id, limit)

    def newest_run(self) -> Run | None:
        """The run that was made last."""
        with connected(self._database):
            return self._newest_run()

    def current_run(self) -> Run | None:
        """The run that is under way."""
        with connected(self._database):
            running = SchedulerRunLog.select().where(SchedulerRunLog.status == RunStatus.RUNNING.value)
            row = running.order_by(SchedulerRunLog.id.desc()).first()
        return run_of(row) if row else None

    def events_position(self) -> EventPosition:
        """The position after the newest event."""
        with connected(self._database), self._database.atomic():
            return event_log.position()

    def events_after(self, position: EventPosition) -> tuple[EventPosition, tuple[RunEvent, ...]]:
        """The events since `position`, in order, and the new position."""
        with connected(self._database), self._database.atomic():
            return event_log.after(position)

    def first_day(self) -> date | None:
        """The first UTC day with a run that ended."""
        with connected(self._database):
            return run_statistics.first_day()

    def statistics(self, first: date, last: date) -> RunStatistics:
        """Figures over UTC days, both included."""
        with connected(self._database), self._database.atomic():
            return run_statistics.run_statistics(first, last)

    def run_days(self, first: date, last: date) -> tuple[RunDay, ...]:
        """Success, durations and retries, one row per day of the period."""
        with connected(self._database):
            return run_statistics.run_days(first, last)

    def vessel_days(self, first: date, last: date, vessel_id: str | None = None) -> tuple[VesselDay, ...]:
        """How each vessel did, day by day."""
        with connected(self._database):
            return run_statistics.vessel_days(first, last, vessel_id)

    def reliability(self, first: date, last: date) -> tuple[VesselReliability, ...]:
        """Vessels, worst first, with their reasons for failure."""
        with connected(self._database), self._database.atomic():
            return run_statistics.reliability(first, last)

    def component_days(self, first: date, last: date) -> tuple[ComponentDay, ...]:
        """How each component met the SLA, day by day."""
        with connected(self._database):
            return run_statistics.component_days(first, last)

    def analytics(self, period: Period, now: datetime) -> Analytics:
        """The figures of a period, for the manager's page and the report."""
        with connected(self._database), self._database.atomic():
            return summary.read(period, self._schedule, now)

    def metrics(self) -> Metrics:
        """Numbers for a monitoring system."""
        return self._metrics.read()

    def database_errors(self) -> int:
        """Database errors in this process."""
        return failures.count

    def _newest_run(self) -> Run | None:
        row = SchedulerRunLog.select().order_by(SchedulerRunLog.id.desc()).first()
        return run_of(row) if row else None
