"""What is past its days goes, in small steps, and gives its space back; rollups and the newest states stay."""

import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import peewee
import pytest

from fleetdash.queries import FleetReader
from fleetdash.storage import retention
from fleetdash.storage.retention import Retention
from fleetdash.storage.rollups import rebuild_rollups
from fleetdash.storage.rows import fetch_tuples
from fleetdash.storage.schema import SchedulerRunLog, StatusChange, VesselQueryResult
from fleetdash.storage.timestamps import to_ms
from fleetdash.storage.vessel_states import VesselStates
from fleetdash.storage.wal import WAL_BYTES, fold_wal
from tests.support.histories import MIDNIGHT, VESSELS, migrated, write_history
from tests.support.records import answer, down_for, make_vessel, pinged, reached

FIRST, LAST = MIDNIGHT.date(), MIDNIGHT.date() + timedelta(days=5)
NOW = MIDNIGHT + timedelta(days=6, hours=9)


@pytest.fixture
def database(database_url: str) -> Iterator[peewee.Database]:
    with migrated(database_url) as database:
        yield database


def prune(database: peewee.Database, now: datetime = NOW, *, attempts_days: int = 2, runs_days: int = 4) -> int:
    """Until there is nothing to do; answers in how many steps."""
    keeping = Retention(database, attempts_days=attempts_days, runs_days=runs_days)
    steps = 0
    while keeping.step(now):
        steps += 1
    return steps


def starts(database: peewee.Database, *, with_attempts: bool = False) -> list[int]:
    with database.connection_context():
        query = SchedulerRunLog.select(SchedulerRunLog.start_time).distinct()
        if with_attempts:
            query = query.join(VesselQueryResult)
        return sorted(start for (start,) in fetch_tuples(query))


def test_runs_and_attempts_past_their_days_go_and_the_rest_stays(database: peewee.Database) -> None:
    history = write_history(database)
    prune(database)
    all_starts = [to_ms(run.start_time) for run, _ in history.runs]
    assert starts(database) == [start for start in all_starts if start >= to_ms(MIDNIGHT + timedelta(days=2))]
    kept = [start for start in all_starts if start >= to_ms(MIDNIGHT + timedelta(days=4))]
    assert starts(database, with_attempts=True) == kept


def test_rollups_outlive_the_runs_that_they_were_made_from_and_a_rebuild(database: peewee.Database) -> None:
    write_history(database)
    queries = FleetReader(database)
    before = queries.statistics(FIRST, LAST), queries.run_days(FIRST, LAST), queries.reliability(FIRST, LAST)
    prune(database)
    rebuild_rollups(database)
    assert (queries.statistics(FIRST, LAST), queries.run_days(FIRST, LAST), queries.reliability(FIRST, LAST)) == before
    assert queries.first_day() == FIRST


def test_a_step_is_small_and_a_rest_is_long(database: peewee.Database, monkeypatch: pytest.MonkeyPatch) -> None:
    write_history(database)
    monkeypatch.setattr(retention, "RUNS_PER_STEP", 3)
    keeping = Retention(database, attempts_days=2, runs_days=4)
    before = len(starts(database, with_attempts=True))
    assert keeping.step(NOW)
    assert len(starts(database, with_attempts=True)) == before - 3
    while keeping.step(NOW):
        pass
    write_history(database)
    assert not keeping.step(NOW + timedelta(minutes=59))
    assert keeping.step(NOW + timedelta(minutes=61))


def test_a_clock_set_back_does_not_end_the_pruning(database: peewee.Database) -> None:
    keeping = Retention(database, attempts_days=2, runs_days=4)
    assert not keeping.step(NOW + timedelta(days=300))
    write_history(database)
    assert keeping.step(NOW)


def test_nothing_is_removed_while_the_vessels_say_that_our_clock_is_ahead(database: peewee.Database) -> None:
    history = write_history(database)
    states, ahead = VesselStates(database), NOW + timedelta(days=30)
    for vessel_id in VESSELS:
        skew = 0 if vessel_id == "aurora" else -timedelta(days=30).total_seconds()
        attempt = reached(vessel_id, at=ahead)
        states.record_answer(make_vessel(vessel_id), answer(at=ahead, skew=int(skew)), attempt)
    assert prune(database, ahead, attempts_days=7, runs_days=30) == 0
    assert len(starts(database, with_attempts=True)) == len(history.runs)
    prune(database, ahead)
    assert starts(database)[0] >= to_ms(MIDNIGHT + timedelta(days=2))  # by the vessels' clocks


def test_a_change_of_a_time_when_the_clock_was_ahead_does_not_keep_those_after_it(
    database: peewee.Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "ROWS_PER_STEP", 3)
    aurora, borealis, calypso = (make_vessel(name) for name in ("aurora", "borealis", "calypso"))
    states, doris = VesselStates(database), make_vessel("doris", "10.0.0.1")
    states.sync_fleet((aurora,), MIDNIGHT + timedelta(days=3000))
    states.sync_fleet((aurora, borealis, calypso, doris), MIDNIGHT)
    for hours in range(8):
        at = MIDNIGHT + timedelta(hours=hours)
        ping = pinged("10.0.0.1", at=at) if hours % 2 else down_for("10.0.0.1", timedelta(hours=1), at=at)
        states.record_answer(doris, answer(ping, at=at), reached("doris", at=at))
    prune(database, MIDNIGHT + timedelta(days=20))
    with database.connection_context():
        assert StatusChange.select().where(StatusChange.ip_address == "10.0.0.1").count() == 1


def test_a_history_within_its_days_is_left_alone(database: peewee.Database) -> None:
    history = write_history(database)
    assert prune(database, attempts_days=90, runs_days=730) == 0
    assert len(starts(database, with_attempts=True)) == len(history.runs)


def test_the_change_in_force_where_the_history_begins_stays(database: peewee.Database) -> None:
    states, vessel = VesselStates(database), make_vessel("aurora", "10.0.0.1")
    states.sync_fleet((vessel,), MIDNIGHT)
    for hours in range(8):  # up and down by turns: two days past their days, then two that are kept
        at = MIDNIGHT + timedelta(hours=12 * hours)
        ping = pinged("10.0.0.1", at=at) if hours % 2 else down_for("10.0.0.1", timedelta(hours=1), at=at)
        states.record_answer(vessel, answer(ping, at=at), reached(at=at))
    prune(database, MIDNIGHT + timedelta(days=6))
    with database.connection_context():
        device = StatusChange.select().where(StatusChange.ip_address == "10.0.0.1").order_by(StatusChange.id)
        changed = [change.changed_at for change in device]
        of_vessel = StatusChange.select().where(StatusChange.ip_address.is_null()).count()
    assert changed == [to_ms(MIDNIGHT + timedelta(hours=12 * hours)) for hours in (3, 4, 5, 6, 7)]
    assert of_vessel == 1


def test_the_file_shrinks(tmp_path: object) -> None:
    with migrated(f"sqlite:///{tmp_path}/long.db") as database:
        with database.connection_context(), database.atomic():
            write_history(database, days=40, runs_a_day=10)
            before = database.execute_sql("PRAGMA page_count").fetchone()[0]
        prune(database, MIDNIGHT + timedelta(days=40))
        with database.connection_context():
            pages, free = (
                database.execute_sql(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count")
            )
        assert free == 0
        assert pages < before / 2


def test_a_database_that_is_away_is_no_error_of_the_step(
    database: peewee.Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeping = Retention(database, attempts_days=2, runs_days=4)
    write_history(database, days=1)

    def away(*_: object, **__: object) -> None:
        raise peewee.OperationalError("disk I/O error")

    with monkeypatch.context() as patched:
        patched.setattr(database, "execute_sql", away)
        assert not keeping.step(NOW)
    assert not keeping.step(NOW + timedelta(seconds=59))
    assert keeping.step(NOW + timedelta(seconds=61))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_space_is_given_back_hundreds_of_pages_a_step(database: peewee.Database) -> None:
    with database.connection_context():
        database.execute_sql("CREATE TABLE much AS SELECT zeroblob(1000000) AS data")
        database.execute_sql("DROP TABLE much")
        free = "PRAGMA freelist_count"
        before = database.execute_sql(free).fetchone()[0]
        assert Retention(database, attempts_days=2, runs_days=4).step(NOW)
        assert before > 200 > database.execute_sql(free).fetchone()[0]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "long.db"


def grow_wal(database: peewee.Database, file: Path) -> sqlite3.Connection:
    """A reader that keeps its view while much is written: SQLite may not reuse the log meanwhile."""
    reader = sqlite3.connect(file, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM scheduler_runs").fetchone()
    with database.connection_context():
        database.execute_sql("CREATE TABLE blobs (data BLOB)")
        for _ in range(8):
            database.execute_sql("INSERT INTO blobs VALUES (zeroblob(1000000))")
    return reader


def wal_bytes(file: Path) -> int:
    return Path(f"{file}-wal").stat().st_size


def test_the_write_ahead_log_shrinks_when_a_long_read_ends(file: Path) -> None:
    with migrated(f"sqlite:///{file}") as database:
        reader = grow_wal(database, file)
        keeping = Retention(database, attempts_days=2, runs_days=4)
        keeping.step(NOW)
        assert wal_bytes(file) > 8_000_000
        reader.close()
        keeping.step(NOW + timedelta(seconds=1))  # in the middle of its rest
        assert wal_bytes(file) == 0
        with database.connection_context():
            assert database.execute_sql("SELECT sum(length(data)) FROM blobs").fetchone() == (8_000_000,)


def test_the_write_ahead_log_is_bounded_by_writing_alone(file: Path) -> None:
    with migrated(f"sqlite:///{file}") as database:
        grow_wal(database, file).close()
        with database.connection_context():
            for _ in range(3):
                database.execute_sql("INSERT INTO blobs VALUES (zeroblob(10))")
        assert wal_bytes(file) <= WAL_BYTES


def test_a_log_in_use_is_folded_in_as_far_as_it_can_be(file: Path) -> None:
    with migrated(f"sqlite:///{file}") as database:
        reader = grow_wal(database, file)
        fold_wal(database)
        assert wal_bytes(file) > 8_000_000
        reader.close()
        fold_wal(database)
        assert wal_bytes(file) == 0
