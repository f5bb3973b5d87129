"""What is kept of whole weeks is never seen to be older than what is written, whoever wrote it."""

import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import peewee
import pytest

from fleetdash.domain.analytics.period import of_days
from fleetdash.domain.runs import RunStatus, Trigger
from fleetdash.queries import FleetReader
from fleetdash.queries.analytics.covers import kept
from fleetdash.storage.rollups.rebuild import rebuild_rollups
from fleetdash.storage.run_logger import SchedulerRunLogger
from fleetdash.storage.schema.models import SchedulerRunLog
from fleetdash.storage.vessel_states import VesselStates
from tests.support.histories import MIDNIGHT, VESSELS, migrated, write_history
from tests.support.records import answer, failed, make_vessel, pinged, reached

DAYS = 140
FIRST = MIDNIGHT.date()
PERIODS = ((0, DAYS), (7, 60), (-200, 2 * DAYS))
"""First and last day, counted from the history's first."""


@pytest.fixture
def database(database_url: str) -> Iterator[peewee.Database]:
    with migrated(database_url) as database:
        states, vessel, pings = (
            VesselStates(database),
            make_vessel(VESSELS[0], "10.0.0.1"),
            pinged("10.0.0.1"),
        )
        states.sync_fleet((vessel,), MIDNIGHT)
        states.record_answer(vessel, answer(pings), reached(vessel.id))
        with database.connection_context(), database.atomic():
            write_history(database, days=DAYS, runs_a_day=2)
        yield database


def _figures(database: peewee.Database) -> list[object]:
    queries, found = FleetReader(database), list[object]()
    for start, end in PERIODS:
        days = FIRST + timedelta(days=start), FIRST + timedelta(days=end)
        found += [queries.analytics(of_days(*days), MIDNIGHT + timedelta(days=DAYS))]
        found += [queries.statistics(*days), queries.reliability(*days), queries.component_days(*days)]
    return found


def _assert_current(database: peewee.Database) -> list[object]:
    """What is kept says the same as the database, and is asked for at all."""
    asked = kept.cache_info().hits
    found = _figures(database)
    assert kept.cache_info().hits > asked
    kept.cache_clear()
    assert found == _figures(database)
    return found


def _run(database: peewee.Database, chance: random.Random) -> None:
    """A late one, of any day."""
    log, start = SchedulerRunLogger(database), MIDNIGHT + timedelta(hours=chance.uniform(0, 24 * DAYS))
    run = log.insert_run(Trigger.MANUAL, 1, start, None)
    name = chance.choice((*VESSELS, "new"))
    log.log_vessel_query_result(run.run_id, chance.choice((failed(name, at=start, ended=True), reached(name))))
    status = chance.choice((None, RunStatus.INTERRUPTED))
    log.log_run_completion(run.run_id, start + timedelta(seconds=chance.uniform(1, 90)), status=status)


def _undone(database: peewee.Database, chance: random.Random) -> None:
    """A late run that is read within its transaction, which then fails."""
    with database.connection_context(), database.atomic() as transaction:
        _run(database, chance)
        _figures(database)
        transaction.rollback()


def _rebuild(database: peewee.Database, chance: random.Random) -> None:
    """After a run vanished."""
    with database.connection_context():
        runs = [run.id for run in SchedulerRunLog.select().order_by(SchedulerRunLog.id)]
        SchedulerRunLog.delete().where(SchedulerRunLog.id == chance.choice(runs)).execute()
    rebuild_rollups(database)


def _elsewhere(write: Callable[..., None]) -> Callable[..., None]:
    """By a connection of its own."""

    def beside(database: peewee.Database, chance: random.Random) -> None:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(write, database, chance).result()

    return beside


@pytest.mark.parametrize("seed", range(2))
def test_figures_are_those_of_the_database_whatever_is_kept(database: peewee.Database, seed: int) -> None:
    chance = random.Random(seed)
    _figures(database)
    before: Any = _assert_current(database)
    writes = [_run, _undone, _run, _elsewhere(_run), _rebuild, _elsewhere(_rebuild), _undone, _run]
    chance.shuffle(writes)
    for write in writes:
        write(database, chance)
        after = _assert_current(database)
        assert (after == before) == (write is _undone)
        before = after


def test_another_process_rebuilds(database: peewee.Database, database_url: str, tmp_path: Any) -> None:
    _figures(database)
    before = _assert_current(database)
    with database.connection_context():
        SchedulerRunLog.delete().where(SchedulerRunLog.id == 30).execute()
    code = (
        "import sys; from fleetdash.storage.database import open_database; "
        "from fleetdash.storage.rebuild import rebuild_rollups; rebuild_rollups(open_database(sys.argv[1]))"
    )
    subprocess.run([sys.executable, "-c", code, database_url], check=True)
    assert _assert_current(database) != before
