"""Schemas: a migration happens wholly or not at all, and what cannot be used is refused in words."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import peewee
import pytest

from fleetdash.domain.analytics.run_statistics import LastFailure
from fleetdash.domain.runs import ErrorKind, Trigger
from fleetdash.errors import StorageError
from fleetdash.queries import FleetReader
from fleetdash.resources import MIGRATIONS
from fleetdash.storage.database import migrate, open_database
from fleetdash.storage.rollups import day_number
from fleetdash.storage.run_logger import SchedulerRunLogger
from tests.support.records import NOON

APP = Path(__file__).resolve().parents[2] / "app.py"
GOOD = "def up(migrator, db):\n    db.execute_sql('CREATE TABLE extra (id INTEGER)')\n"
BAD = GOOD + "    db.execute_sql('DROP TABLE vessels')\n    raise RuntimeError('half way')\n"


@pytest.fixture
def database(database_url: str) -> peewee.Database:
    """With a run in it."""
    database = open_database(database_url)
    migrate(database)
    SchedulerRunLogger(database).log_run_start(Trigger.MANUAL, 1, NOON)
    return database


def with_migration(folder: Path, text: str) -> Path:
    """The program's migrations and one more."""
    more = folder / "migrations"
    more.mkdir()
    for file in MIGRATIONS.glob("[0-9]*.py"):
        (more / file.name).write_text(file.read_text())
    (more / "9999_extra.py").write_text(text)
    return more


def copies(database: peewee.Database) -> list[Path]:
    path = Path(database.database)
    return sorted(path.parent.glob(f"{path.name}.before-*"))


def test_a_migration_that_fails_leaves_the_database_as_it_was(database: peewee.Database, tmp_path: Path) -> None:
    before = sorted(database.get_tables())
    with pytest.raises(StorageError, match="9999_extra failed, and the database is as it was"):
        migrate(database, with_migration(tmp_path, BAD))
    assert sorted(database.get_tables()) == before
    assert migrate(database) == []
    assert SchedulerRunLogger(database).newest_run() is not None


def test_a_database_newer_than_the_program_is_refused(database: peewee.Database, tmp_path: Path) -> None:
    assert migrate(database, with_migration(tmp_path, GOOD)) == ["9999_extra"]
    with pytest.raises(StorageError, match=r"newer than this program .*9999_extra.*start the version that wrote it"):
        migrate(database)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_copy_is_made_before_a_migration_of_a_database_that_has_data(
    database: peewee.Database, tmp_path: Path
) -> None:
    assert copies(database) == []  # it was empty at its first
    migrate(database, with_migration(tmp_path, GOOD))
    (copy,) = copies(database)
    assert copy.name.endswith(".before-9999_extra")
    with closing(sqlite3.connect(copy)) as other:
        assert other.execute("SELECT count(*) FROM scheduler_runs").fetchall() == [(1,)]
        assert other.execute("SELECT name FROM sqlite_master WHERE name = 'extra'").fetchall() == []


def test_damage_is_refused_at_the_start_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "fleetdash.toml").write_text(
        '[influxdb]\nurl = "http://127.0.0.1:9"\ndatabase = "vessel"\n[[vessels]]\nid = "aurora"\n'
    )
    path = tmp_path / "fleetdash.db"
    migrate(open_database(f"sqlite:///{path}"))
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    whole = path.read_bytes()
    for damaged, word in (
        (b"a letter to the owner" * 500, "file is not a database"),
        (whole[:8192] + bytes(16384) + whole[24576:], "damaged"),
    ):
        for leftover in tmp_path.glob("fleetdash.db-*"):
            leftover.unlink()
        path.write_bytes(damaged)
        done = subprocess.run(
            [sys.executable, str(APP), "run-once"], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 1
        assert word in done.stderr
        assert "restore a backup" in done.stderr
        assert "Traceback" not in done.stderr


def test_reasons_for_failure_move_into_their_vessels_days(database_url: str, tmp_path: Path) -> None:
    older = tmp_path / "older"
    older.mkdir()
    for name in ("0001_initial.py", "0002_rollups.py"):
        (older / name).write_text((MIGRATIONS / name).read_text())
    database = open_database(database_url)
    migrate(database, older)
    day = date(2026, 3, 3)
    number = day_number(day)
    with database.connection_context():
        insert = "INSERT INTO {} VALUES ({})".format
        run_day = "day, median_duration_seconds, p95_duration_seconds, durations"
        database.execute_sql(insert(f"run_days ({run_day})", f"{number}, 1.0, 1.0, ''"))
        for vessel in ("aurora", "borealis"):
            database.execute_sql(insert("vessel_days", f"{number}, '{vessel}', 9, 4, 3"))
        for kind, count, at, said in (("tls", 2, 5000, "'expired'"), ("timeout", 3, 9000, "'no answer'")):
            row = f"{number}, 'aurora', '{kind}', {count}, {at}, {said}"
            database.execute_sql(insert("vessel_day_failures", row))
    migrate(database)
    with database.connection_context():
        aurora, borealis = FleetReader(database).reliability(day, day)
    assert aurora.failures == {ErrorKind.TIMEOUT: 3, ErrorKind.TLS: 2}
    assert aurora.last_failure == LastFailure(ErrorKind.TIMEOUT, "no answer", datetime(1970, 1, 1, 0, 0, 9, tzinfo=UTC))
    assert (borealis.failures, borealis.last_failure) == ({}, None)


def test_weekly_tables_go_and_the_days_stay(database_url: str, tmp_path: Path) -> None:
    older = tmp_path / "older"
    older.mkdir()
    for file in MIGRATIONS.glob("000[1-8]_*.py"):
        (older / file.name).write_text(file.read_text())
    database = open_database(database_url)
    migrate(database, older)
    weekly = {"run_weeks", "vessel_weeks", "vessel_sla_weeks"}
    assert weekly <= set(database.get_tables())
    log = SchedulerRunLogger(database)
    log.log_run_completion(log.log_run_start(Trigger.MANUAL, 1, NOON).run_id, NOON)
    before = FleetReader(database).statistics(NOON.date(), NOON.date())
    assert "0009_drop_weeks" in migrate(database)
    assert not weekly & set(database.get_tables())
    assert FleetReader(database).statistics(NOON.date(), NOON.date()) == before
