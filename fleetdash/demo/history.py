"""The day before the demo: its runs, made by the engine that makes real ones, in virtual time."""

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import peewee

from fleetdash.config.settings import Settings
from fleetdash.demo.behaviour import Reaction
from fleetdash.demo.fleet import DemoFleet
from fleetdash.demo.replay_pool import ReplayPool, client
from fleetdash.demo.replay_recorder import ReplayRecorder
from fleetdash.demo.scenarios import ASKED_BY_HAND_AFTER, ORDINARY, RESTARTED_AFTER, SCENARIOS, Scenario
from fleetdash.demo.vessels import SimulatedVessel
from fleetdash.demo.virtual_time import VirtualClock
from fleetdash.domain.clock import Clock
from fleetdash.domain.pings import QueryContext, VesselAnswer
from fleetdash.domain.runs import Run, Trigger
from fleetdash.monitoring.monitor import FleetMonitor, retry_policy
from fleetdash.monitoring.pool import Pool
from fleetdash.storage.database import connected
from fleetdash.storage.run_logger import SchedulerRunLogger
from fleetdash.storage.vessel_states import VesselStates

log = logging.getLogger(__name__)

SLOT = timedelta(minutes=15)
RUNS = 96
MOST_CHAINS = 6_500
"""A larger fleet has a shorter past: it must be written before the page can be served."""


def ensure_history(fleet: DemoFleet, settings: Settings, database: peewee.Database, clock: Clock) -> None:
    """Give the demo's database its day of history, unless it has runs of its own."""
    if SchedulerRunLogger(database).newest_run() is not None:
        return
    log.info("writing a day of history for %d simulated vessels; this takes some seconds", len(fleet.cast))
    replay(fleet, settings, database, clock.now())


def replay(
    fleet: DemoFleet, settings: Settings, database: peewee.Database, until: datetime, runs: int = RUNS
) -> list[Run]:
    """Make the runs of the newest slots, oldest first, as they would have gone at their time."""
    # one transaction: a history that is cut short is none, and commits would take most of the time
    with _one_line_only(), connected(database), database.atomic():
        return list(Replay(fleet, settings, database, slots(until, len(fleet.cast), runs)).runs())


def slots(until: datetime, vessels: int, runs: int = RUNS) -> list[datetime]:
    """The newest slots up to `until`, oldest first: a day of them, fewer for a large fleet."""
    newest = until.astimezone(UTC) - (until - datetime(1970, 1, 1, tzinfo=UTC)) % SLOT
    count = max(1, min(runs, MOST_CHAINS // vessels))
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
        self._asked = {vessel.vessel.id: vessel for vessel in settings.targets}
        self._clock = VirtualClock(self._slots[0])
        self._occasion = ORDINARY
        self._stop = threading.Event()
        states = VesselStates(database)
        self._recorder = ReplayRecorder(database, states, settings.limits, self._full_answer)
        self._monitor = FleetMonitor(
            settings.targets,
            self._recorder,
            new_pool=self._pool,
            policy=retry_policy(settings),
            clock=self._clock,
        )

    def runs(self) -> Iterator[Run]:
        """Make them one by one."""
        self._monitor.begin()
        for slots_ago, slot in reversed(list(enumerate(reversed(self._slots)))):
            yield self._run(slot, Trigger.SCHEDULE, slot, SCENARIOS.get(slots_ago, ORDINARY))
            if slots_ago == RESTARTED_AFTER:
                yield self._run(slot + timedelta(minutes=3), Trigger.STARTUP)
            if slots_ago == ASKED_BY_HAND_AFTER:
                yield self._run(slot + timedelta(minutes=6), Trigger.MANUAL)
        self._recorder.finish()

    def _run(
        self, start: datetime, trigger: Trigger, due_at: datetime | None = None, occasion: Scenario = ORDINARY
    ) -> Run:
        self._clock.advance_until(start)
        self._occasion = occasion
        self._stop.clear()
        return self._monitor.execute_run(self._monitor.open_run(trigger, due_at), self._stop)

    def _pool(self) -> Pool:
        timeout = self._settings.query.timeout_seconds
        return ReplayPool(self._vessels, self._clock, self._settings.limits, timeout, self._occasion, self._stop)

    def _full_answer(self, vessel_id: str, moment: datetime) -> VesselAnswer:
        vessel, then = self._vessels[vessel_id], VirtualClock(moment)
        return client(vessel, Reaction.ANSWER, then).ask(self._asked[vessel_id], QueryContext())


@contextmanager
def _one_line_only() -> Iterator[None]:
    """Hundreds of runs of the past are no news for the log."""
    monitor = logging.getLogger("fleetdash.monitoring")
    before = monitor.level
    monitor.setLevel(logging.ERROR)
    try:
        yield
    finally:
        monitor.setLevel(before)
