"""A copy that is consistent while runs go on."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import peewee
import pytest

from fleetdash import cli
from fleetdash.domain.runs import Trigger
from fleetdash.errors import ConfigurationError
from fleetdash.queries import FleetReader
from fleetdash.storage.backup import backup
from fleetdash.storage.run_logger import SchedulerRunLogger
from tests.support.histories import migrated, write_history
from tests.support.records import NOON, reached
from tests.support.waiting import wait_until


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'fleetdash.db'}"


@pytest.fixture
def database(url: str) -> Iterator[peewee.Database]:
    with migrated(url) as database:
        yield database


def test_a_copy_made_while_attempts_are_written_is_whole(database: peewee.Database, url: str, tmp_path: Path) -> None:
    write_history(database, days=20)
    written: list[int] = []
    stop = threading.Event()

    def write() -> None:
        log = SchedulerRunLogger(database)
        while not stop.is_set():
            run_id = log.log_run_start(Trigger.SCHEDULE, 20, NOON + timedelta(seconds=len(written))).run_id
            for number in range(20):
                log.log_vessel_query_result(run_id, reached(f"v{number}"))
                written.append(number)
            log.log_run_completion(run_id, NOON + timedelta(seconds=len(written)))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        wait_until(lambda: len(written) > 5, "the writer's first attempts")
        before = len(written)
        backup(url, tmp_path / "copy.db")
        after = len(written)
    finally:
        stop.set()
        writer.join()
    assert before < after, "nothing was written meanwhile"
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert copy.execute("PRAGMA foreign_key_check").fetchall() == []
        # an attempt and what it adds to its run's counts are one transaction
        uneven = """SELECT count(*) FROM scheduler_runs r WHERE total_vessels = 20 AND successful_vessels !=
                    (SELECT count(*) FROM scheduler_vessel_results a WHERE a.run_id = r.id)"""
        assert copy.execute(uneven).fetchone() == (0,)
        found = copy.execute("SELECT count(*) FROM scheduler_vessel_results WHERE vessel_id LIKE 'v%'").fetchone()[0]
    assert before <= found <= after + 1


def test_the_copy_can_be_served_and_keeps_giving_space_back(
    database: peewee.Database, url: str, tmp_path: Path
) -> None:
    history = write_history(database)
    backup(url, tmp_path / "copy.db")
    with migrated(f"sqlite:///{tmp_path / 'copy.db'}") as copy:
        assert len(FleetReader(copy).runs(limit=100).runs) == len(history.runs)
        with copy.connection_context():
            assert copy.execute_sql("PRAGMA auto_vacuum").fetchone() == (2,)


def test_a_file_that_is_there_is_not_overwritten(database: peewee.Database, url: str, tmp_path: Path) -> None:
    target = tmp_path / "precious.db"
    target.write_text("precious")
    with pytest.raises(ConfigurationError, match="already exists"):
        backup(url, target)
    assert target.read_text() == "precious"
    assert not (tmp_path / "precious.db.part").exists()


def test_the_command_says_what_it_did_and_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "fleet.toml"
    vessels = '[[vessels]]\nid = "aurora"\nurl = "http://x"\n'
    file.write_text(f'[database]\nurl = "sqlite:///{tmp_path / "fleetdash.db"}"\n{vessels}')
    with migrated(f"sqlite:///{tmp_path / 'fleetdash.db'}"):
        assert cli.main(["backup", "--config", str(file), str(tmp_path / "copy.db")]) == 0
        assert cli.main(["backup", "--config", str(file), str(tmp_path / "copy.db")]) == 2
        assert cli.main(["rebuild-rollups", "--config", str(file)]) == 0
    file.write_text(f'[database]\nurl = "postgresql://fleet@db.example/fleetdash"\n{vessels}')
    assert cli.main(["backup", "--config", str(file), "copy.dump"]) == 2
    said = capsys.readouterr()
    assert "copied the database" in said.out
    assert "rebuilt 0 days" in said.out
    assert "pg_dump --format=custom --file='copy.dump' 'postgresql://fleet@db.example/fleetdash'" in said.err
