"""What the page says about the age of its data while the database takes nothing or cannot be read."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from fleetdash.domain.runs import SchedulerStatus
from fleetdash.errors import StorageError
from fleetdash.queries import FleetReader
from fleetdash.queries.data_version import DataVersion
from fleetdash.storage.database import migrate, open_database
from fleetdash.web.callbacks.refresh import stale_banner
from fleetdash.web.views import shell
from tests.support.clock import FakeClock
from tests.support.records import NOON

CURRENT = SchedulerStatus(running=True)
WAITING = replace(CURRENT, waiting_records=12, waiting_since=NOON)


class SchedulerStub:
    """Says what a test tells it to."""

    def __init__(self, state: SchedulerStatus = CURRENT) -> None:
        self.state = state

    def request_run(self) -> str:
        raise NotImplementedError

    def status(self) -> SchedulerStatus:
        return self.state


@pytest.fixture
def queries(tmp_path: Path) -> FleetReader:
    database = open_database(f"sqlite:///{tmp_path}/fleetdash.db")
    migrate(database)
    return FleetReader(database)


def words(status: SchedulerStatus) -> str:
    return "".join(
        part if isinstance(part, str) else str(part.children or "") for part in shell.stale_banner(status, None)
    )


def test_nothing_is_said_while_all_is_written() -> None:
    assert shell.stale_banner(CURRENT, None) == []


def test_waiting_records_are_said_with_their_moment_and_that_runs_go_on() -> None:
    assert "cannot be written since 2026-03-01 12:00:00 UTC" in words(WAITING)
    assert "results are kept and will appear when it is back" in words(WAITING)


def test_a_full_journal_is_said() -> None:
    assert "No new run is started" in words(replace(WAITING, journal_full=True))


def test_the_version_changes_when_records_begin_to_wait_and_when_they_no_longer_do(
    queries: FleetReader, clock: FakeClock
) -> None:
    versions = [DataVersion(queries, SchedulerStub(state), clock).read() for state in (CURRENT, WAITING, CURRENT)]
    assert versions[0] == versions[2] != versions[1]


def test_an_unreadable_database_is_said_with_the_moment_of_the_last_reading(
    queries: FleetReader, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> str:
        raise StorageError("the database cannot be used")

    clock.set(NOON)
    versions = DataVersion(queries, SchedulerStub(), clock)
    assert versions.read()
    assert stale_banner(SchedulerStub(), versions) == []
    clock.advance(timedelta(minutes=5).total_seconds())
    monkeypatch.setattr(queries, "version", away)
    assert "2026-03-01 12:00:00 UTC" in str(stale_banner(SchedulerStub(), versions))
