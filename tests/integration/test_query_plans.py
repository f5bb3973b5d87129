"""Nothing that the page or the API asks walks over the history: the databases' own word on every statement."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta

import peewee
import pytest

from fleetdash.domain.run_filter import RunFilter
from fleetdash.domain.runs import RunStatus, Trigger
from fleetdash.queries import FleetReader
from fleetdash.storage.run_logger import SchedulerRunLogger
from fleetdash.storage.timestamps import to_ms
from tests.support.histories import MIDNIGHT, migrated, write_history
from tests.support.postgres import fresh_database
from tests.support.records import NOON, reached
from tests.support.statements import statements_sent

FIRST, LAST = MIDNIGHT.date(), MIDNIGHT.date() + timedelta(days=3)

CALLS: dict[str, Callable[[FleetReader, str | None], object]] = {
    "first page": lambda queries, _: queries.runs(),
    "a later page": lambda queries, cursor: queries.runs(cursor=cursor),
    "by status": lambda queries, cursor: queries.runs(RunFilter(status=RunStatus.PARTIAL), cursor=cursor),
    "by trigger": lambda queries, cursor: queries.runs(RunFilter(trigger=Trigger.MANUAL), cursor=cursor),
    "by time": lambda queries, cursor: queries.runs(RunFilter(since=MIDNIGHT, until=NOON), cursor=cursor),
    "by vessel": lambda queries, cursor: queries.runs(RunFilter(vessel_id="aurora"), cursor=cursor),
    "a run": lambda queries, _: queries.run("3"),
    "a vessel's runs": lambda queries, _: queries.vessel_runs("aurora"),
    "the newest run": lambda queries, _: queries.newest_run(),
    "the current run": lambda queries, _: queries.current_run(),
    "events": lambda queries, _: queries.events_after(queries.events_position()),
    "statistics": lambda queries, _: queries.statistics(FIRST, LAST),
    "days": lambda queries, _: queries.run_days(FIRST, LAST),
    "vessels by days": lambda queries, _: queries.vessel_days(FIRST, LAST),
    "a vessel's days": lambda queries, _: queries.vessel_days(FIRST, LAST, "aurora"),
    "statistics over a year": lambda queries, _: queries.statistics(LAST - timedelta(days=365), LAST),
    "reliability": lambda queries, _: queries.reliability(FIRST, LAST),
}


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.integration)])
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[peewee.Database]:
    with ExitStack() as stack:
        if request.param == "sqlite":
            url = f"sqlite:///{tmp_path_factory.mktemp('plans') / 'fleetdash.db'}"
        else:
            url = stack.enter_context(fresh_database(request.getfixturevalue("postgres_url")))
        database = stack.enter_context(migrated(url))
        write_history(database)
        yield database


def plans(database: peewee.Database, call: Callable[[], object]) -> dict[str, list[str]]:
    """Each statement of a call, and what the database says it will do."""
    sqlite = isinstance(database, peewee.SqliteDatabase)
    with statements_sent(database) as statements:
        call()
    execute = database.execute_sql
    with database.connection_context():
        if not sqlite:  # which walks over small tables all the same, where it can
            execute("SET enable_seqscan = off")
        return {
            sql: [row[-1] for row in execute(f"EXPLAIN {'QUERY PLAN' if sqlite else ''} {sql}", params).fetchall()]
            for sql, params in statements
            if sql.startswith(("SELECT", "UPDATE", "DELETE"))
        }


def reads_what_it_shows(sql: str) -> bool:
    """A page of a table by its primary key, which SQLite calls a scan; with a condition it may read all of it."""
    return "WHERE" not in sql and 'ORDER BY "t1"."id" DESC LIMIT' in sql


def faults(found: dict[str, list[str]]) -> list[str]:
    """A table walked without an index; a whole result sorted to show a page of it."""
    return [
        f"{step}: {sql}"
        for sql, steps in found.items()
        for step in steps
        # `parts` is no table: the rows that were found by index, gathered from several
        if (
            step.startswith("SCAN")
            and "INDEX" not in step
            and "CONSTANT" not in step
            and step != "SCAN parts"
            and not reads_what_it_shows(sql)
        )
        or "Seq Scan on" in step
        or ("TEMP B-TREE FOR ORDER BY" in step and "LIMIT" in sql)
    ]


@pytest.mark.parametrize("name", CALLS)
def test_a_look_up_uses_an_index(database: peewee.Database, name: str) -> None:
    queries = FleetReader(database)
    cursor = queries.runs(limit=5).next_cursor
    found = plans(database, lambda: CALLS[name](queries, cursor))
    assert found
    assert faults(found) == []


def test_writing_a_run_uses_an_index(database: peewee.Database) -> None:
    log = SchedulerRunLogger(database)

    def write(at: datetime = NOON) -> None:
        run_id = log.log_run_start(Trigger.MANUAL, 1, at).run_id
        log.log_vessel_query_result(run_id, reached())
        log.log_run_completion(run_id, at)

    assert [fault for fault in faults(plans(database, write)) if '"vessels"' not in fault] == []


def test_a_walk_over_a_table_would_be_found(database: peewee.Database) -> None:
    sql = "SELECT id FROM scheduler_runs WHERE error_message = 'x'"
    (fault,) = faults(plans(database, lambda: database.execute_sql(sql)))
    assert fault.startswith(("SCAN scheduler_runs", "Seq Scan on scheduler_runs"))


@pytest.fixture(scope="module")
def long_log(database: peewee.Database) -> peewee.Database:
    """Two years of runs every 15 minutes, one of them made while the clock was a day ahead."""
    with database.connection_context(), database.atomic():
        database.execute_sql(
            "INSERT INTO scheduler_runs (start_time, trigger, status, total_vessels, duration_seconds) "
            "WITH RECURSIVE run(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM run WHERE n < ?) "
            "SELECT ? + n * CAST(900000 AS BIGINT) + CASE WHEN n = ? THEN 86400000 ELSE 0 END, 'schedule', "
            "CASE WHEN n < 3 THEN 'failed' ELSE 'completed' END, 66, 8.0 FROM run".replace("?", database.param),
            (RUNS - 1, to_ms(LONG_AGO), RUNS // 2),
        )
    with database.connection_context():
        database.execute_sql("ANALYZE")
    return database


RUNS = 70_080
LONG_AGO = MIDNIGHT - timedelta(days=740)
A_DAY_LONG_AGO = RunFilter(since=LONG_AGO + timedelta(days=9), until=LONG_AGO + timedelta(days=10))


@pytest.mark.parametrize(
    ("wanted", "runs"),
    [
        (A_DAY_LONG_AGO, 20),
        (replace(A_DAY_LONG_AGO, status=RunStatus.FAILED), 0),
        (RunFilter(until=LONG_AGO + timedelta(days=1)), 20),
        (RunFilter(since=LONG_AGO, status=RunStatus.FAILED, trigger=Trigger.SCHEDULE), 3),
        (RunFilter(status=RunStatus.FAILED), 3),
    ],
)
def test_two_years_of_runs_are_filtered_by_indexes(long_log: peewee.Database, wanted: RunFilter, runs: int) -> None:
    queries = FleetReader(long_log)
    assert len(queries.runs(wanted).runs) >= runs
    assert faults(plans(long_log, lambda: queries.runs(wanted))) == []
