"""The day before the demo: its runs, made and recorded by the code that makes real ones, in virtual time."""

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import peewee

from fleetdash.config.settings import Settings
from fleetdash.demo.fleet import DemoFleet
from fleetdash.demo.replay_pool import ReplayPool
from fleetdash.demo.scenarios import MANUAL_AFTER, ORDINARY, SCENARIOS, STARTUP_AFTER, Scenario
from fleetdash.demo.vessels import SimulatedVessel
from fleetdash.demo.virtual_time import VirtualClock
from fleetdash.domain.clock import Clock
from fleetdash.domain.runs import Run, Trigger
from fleetdash.monitoring.monitor import FleetMonitor, retry_policy
from fleetdash.monitoring.pool import Pool
from fleetdash.storage.database import writing
from fleetdash.storage.recorder import Recorder
from fleetdash.storage.run_logger import SchedulerRunLogger
from fleetdash.storage.vessel_states import VesselStates

log = logging.getLogger(__name__)

SLOT = timedelta(minutes=15)
RUNS = 96
MAX_CHAINS = 6_500
"""A larger fleet has a shorter history: it must be written before the page can be served."""


def ensure_history(fleet: DemoFleet, settings: Settings, database: peewee.Database, clock: Clock) -> None:
    """Give the demo's database its day of history, unless it has runs already."""
    if SchedulerRunLogger(database).newest_run() is not None:
        return
    log.info("writing a day of history for %d simulated vessels; this takes some seconds", len(fleet.profiles))
    replay(fleet, settings, database, clock.now())


def replay(
    fleet: DemoFleet, settings: Settings, database: peewee.Database, until: datetime, runs: int = RUNS
) -> list[Run]:
    """Make the runs of the newest slots, oldest first, as they would have gone at their time."""
    # one transaction: a history that is cut short leaves nothing, and commits would take most of the time
    with _quiet_log(), writing(database):
        return list(Replay(fleet, settings, database, slots(until, len(fleet.profiles), runs)).runs())


def slots(until: datetime, vessels: int, runs: int = RUNS) -> list[datetime]:
    """The newest slots up to `until`, oldest first: a day of them, fewer for a large fleet."""
    newest = until.astimezone(UTC) - (until - datetime(1970, 1, 1, tzinfo=UTC)) % SLOT
    count = max(1, min(runs, MAX_CHAINS // vessels))
    return [newest - i * SLOT for i in reversed(range(count))]


class Replay:
    """One replay of a fleet's past into a database without runs."""

    def __init__(
        self, fleet: DemoFleet, settings: Settings, database: peewee.Database, due: Sequence[datetime]
    ) -> None:
        self._slots = due
        self._settings = settings
        self._vessels = {
            id_: SimulatedVessel(each.profile, each.seed, each.anchor) for id_, each in fleet.vessels.items()
        }
        self._clock = VirtualClock(self._slots[0])
        self._scenario = ORDINARY
        self._stop = threading.Event()
        self._monitor = FleetMonitor(
            settings.targets,
            Recorder(database, VesselStates(database)),
            new_pool=self._pool,
            policy=retry_policy(settings),
            clock=self._clock,
        )

    def runs(self) -> Iterator[Run]:
        """Make them one by one."""
        self._monitor.recover()
        for slots_ago, slot in reversed(list(enumerate(reversed(self._slots)))):
            yield self._run(slot, Trigger.SCHEDULE, slot, SCENARIOS.get(slots_ago, ORDINARY))
            if slots_ago == STARTUP_AFTER:
                yield self._run(slot + timedelta(minutes=3), Trigger.STARTUP)
            if slots_ago == MANUAL_AFTER:
                yield self._run(slot + timedelta(minutes=6), Trigger.MANUAL)

    def _run(
        self, start: datetime, trigger: Trigger, due_at: datetime | None = None, scenario: Scenario = ORDINARY
    ) -> Run:
        self._clock.advance_until(start)
        self._scenario = scenario
        self._stop.clear()
        return self._monitor.execute_run(self._monitor.open_run(trigger, due_at), self._stop)

    def _pool(self) -> Pool:
        timeout = self._settings.query.timeout_seconds
        return ReplayPool(self._vessels, self._clock, timeout, self._scenario, self._stop)


@contextmanager
def _quiet_log() -> Iterator[None]:
    """Keeps a hundred runs of the past out of the log."""
    monitor = logging.getLogger("fleetdash.monitoring")
    before = monitor.level
    monitor.setLevel(logging.ERROR)
    try:
        yield
    finally:
        monitor.setLevel(before)
