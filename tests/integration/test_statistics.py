"""Figures and day series, held against a plain loop over a small raw history; SQLite and PostgreSQL."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from statistics import median, quantiles
from typing import Any

import peewee
import pytest

from fleetdash.domain.analytics.run_statistics import RunDay, reliability_order
from fleetdash.domain.runs import ErrorKind, RunStatus, Trigger
from fleetdash.queries import FleetReader
from fleetdash.storage.rollups import rebuild_rollups
from fleetdash.storage.run_logger import SchedulerRunLogger
from fleetdash.storage.schema import (
    ComponentDayRow,
    RunDayRow,
    SchedulerRunLog,
    VesselDayRow,
    VesselQueryResult,
)
from fleetdash.storage.vessel_states import VesselStates
from tests.support.histories import MIDNIGHT, History, migrated, tally, write_history
from tests.support.records import NOON, answer, failed, make_vessel, pinged, reached

FIRST = MIDNIGHT.date()
LAST = FIRST + timedelta(days=5)


@pytest.fixture
def database(database_url: str) -> Iterator[peewee.Database]:
    with migrated(database_url) as database:
        yield database


@pytest.fixture
def history(database: peewee.Database) -> History:
    return write_history(database)


@pytest.fixture
def queries(database: peewee.Database) -> FleetReader:
    return FleetReader(database)


def _dicts(query: Any) -> list[dict[str, Any]]:
    return list(query.dicts())


def everything(database: peewee.Database) -> list[list[dict[str, Any]]]:
    """All that is derived, row by row."""
    tables: tuple[type[peewee.Model], ...]
    tables = (SchedulerRunLog, VesselQueryResult, RunDayRow, VesselDayRow)
    with database.connection_context():
        rows: list[list[dict[str, Any]]] = [_dicts(table.select()) for table in tables]
    for day in rows[2]:
        day["durations"] = bytes(day["durations"])
    return [sorted(table, key=str) for table in rows]


@pytest.mark.parametrize(("first", "last"), [(0, 5), (1, 3), (2, 2), (5, 9)])
def test_figures_equal_a_plain_loop(history: History, queries: FleetReader, first: int, last: int) -> None:
    period = FIRST + timedelta(days=first), FIRST + timedelta(days=last)
    runs = [run for run, _ in history.between(*period)]
    found = queries.statistics(*period)
    counts = [sum(run.status is status for run in runs) for status in RunStatus if status is not RunStatus.RUNNING]
    assert [found.completed_runs, found.partial_runs, found.failed_runs, found.interrupted_runs] == counts
    assert found.total_runs == len(runs)
    assert found.success_rate_percent == (pytest.approx(100 * counts[0] / len(runs)) if runs else None)
    assert found.retry_attempts == sum(run.retry_attempts for run in runs)
    assert found.retry_seconds == pytest.approx(sum(run.retry_seconds for run in runs))
    assert found.slow_runs == sum(run.slow for run in runs)
    durations = [run.duration_seconds or 0 for run in runs if run.status is not RunStatus.INTERRUPTED]
    assert found.median_duration_seconds == (pytest.approx(median(durations)) if durations else None)
    twentieths = quantiles(durations, n=20, method="inclusive") if durations else [None]
    assert found.p95_duration_seconds == (pytest.approx(twentieths[-1]) if durations else None)


def test_vessels_equal_a_plain_loop_and_come_worst_first(history: History, queries: FleetReader) -> None:
    period = FIRST + timedelta(days=1), LAST
    expected = tally(history.between(*period))
    found = queries.reliability(*period)
    assert {vessel.vessel_id for vessel in found} == expected.keys()
    for mine in found:
        loop = expected[mine.vessel_id]
        assert (mine.runs, mine.successes, mine.retry_attempts) == (loop.runs, loop.successes, loop.retries)
        assert mine.failures == dict(loop.failures)
        assert mine.last_failure is not None
        assert loop.newest is not None
        assert (mine.last_failure.kind, mine.last_failure.message) == (
            loop.newest.error_kind,
            loop.newest.error_message,
        )
    assert list(found) == sorted(found, key=reliability_order)
    without_reasons = tuple(replace(mine, failures={}, last_failure=None) for mine in found)
    assert queries.statistics(*period).vessels == without_reasons


def test_every_day_of_a_period_is_there_and_a_day_without_runs_has_no_rate(
    history: History, queries: FleetReader
) -> None:
    days = queries.run_days(FIRST, LAST + timedelta(days=2))
    assert [day.day for day in days] == [FIRST + timedelta(days=number) for number in range(8)]
    for day in days:
        runs = [run for run, _ in history.between(day.day, day.day)]
        assert day.total_runs == len(runs)
        assert day.vessels_reached == sum(run.successful_vessels for run in runs)
        assert day.retry_wait_seconds == pytest.approx(sum(run.retry_wait_seconds for run in runs))
    assert days[2] == RunDay(FIRST + timedelta(days=2))
    assert (days[2].success_rate_percent, days[2].median_duration_seconds) == (None, None)


def test_a_vessels_days_equal_a_plain_loop(history: History, queries: FleetReader) -> None:
    for mine in queries.vessel_days(FIRST, LAST):
        loop = tally(history.between(mine.day, mine.day))[mine.vessel_id]
        assert (mine.runs, mine.successes, mine.retry_attempts) == (loop.runs, loop.successes, loop.retries)
    only = queries.vessel_days(FIRST, LAST, "calypso")
    assert only == tuple(mine for mine in queries.vessel_days(FIRST, LAST) if mine.vessel_id == "calypso")
    assert len(only) == 5


def test_the_first_day_known_is_told(database: peewee.Database, queries: FleetReader) -> None:
    assert queries.first_day() is None
    write_history(database, days=1)
    assert queries.first_day() == FIRST


def test_rebuilding_changes_nothing_that_was_kept_current(database: peewee.Database, history: History) -> None:
    before = everything(database)
    done = rebuild_rollups(database)
    assert everything(database) == before
    assert (done.days, done.runs) == (5, len(history.runs))
    rebuild_rollups(database)
    assert everything(database) == before


def test_a_history_from_elsewhere_is_made_complete(database: peewee.Database, history: History) -> None:
    before = everything(database)
    _forget_what_is_derived(database)
    assert everything(database) != before
    rebuild_rollups(database)
    assert everything(database) == before


def _forget_what_is_derived(database: peewee.Database) -> None:
    """Leave what another program would bring: runs and attempts, and the database's defaults."""
    with database.connection_context():
        RunDayRow.delete().execute()
        SchedulerRunLog.update(
            successful_vessels=0, failed_vessels=0, retry_attempts=0, retry_seconds=0, retry_wait_seconds=0,
            retry_query_seconds=0, success_rate_percent=None, slow=False,
        ).execute()  # fmt: skip
        finished = SchedulerRunLog.select(SchedulerRunLog.id).where(SchedulerRunLog.status != "interrupted")
        VesselQueryResult.update(chain_ended=True).where(VesselQueryResult.run.in_(finished)).execute()


def test_a_rebuild_keeps_the_counts_of_runs_whose_attempts_are_gone(
    database: peewee.Database, history: History
) -> None:
    with database.connection_context():
        VesselQueryResult.delete().where(VesselQueryResult.run <= int(history.runs[9][0].run_id)).execute()
    before = everything(database)
    rebuild_rollups(database)
    assert everything(database) == before


def test_a_run_that_is_closed_again_counts_once(database: peewee.Database, queries: FleetReader) -> None:
    log = SchedulerRunLogger(database)
    run_id = log.log_run_start(Trigger.MANUAL, 1, NOON).run_id
    log.log_vessel_query_result(run_id, failed(ended=True))
    log.log_run_completion(run_id, NOON)
    log.log_run_completion(run_id, NOON, status=RunStatus.INTERRUPTED)
    found = queries.statistics(NOON.date(), NOON.date())
    assert (found.total_runs, found.interrupted_runs, found.vessels[0].runs) == (1, 1, 1)


def test_a_vessel_that_we_stopped_asking_counts_neither_way(database: peewee.Database, queries: FleetReader) -> None:
    log = SchedulerRunLogger(database)
    run_id = log.log_run_start(Trigger.MANUAL, 2, NOON).run_id
    log.log_vessel_query_result(run_id, reached("aurora"))
    log.log_vessel_query_result(run_id, failed("borealis", ended=True, kind=ErrorKind.CANCELLED))
    log.log_run_completion(run_id, NOON, status=RunStatus.INTERRUPTED)
    found = queries.statistics(NOON.date(), NOON.date())
    assert (found.vessels_asked, found.vessels_reached, found.vessel_success_rate_percent) == (1, 1, 100.0)
    assert {mine.vessel_id: mine.success_rate_percent for mine in found.vessels} == {"aurora": 100.0, "borealis": None}


def test_how_components_meet_the_sla_is_remembered_by_day(database: peewee.Database, queries: FleetReader) -> None:
    log, states = SchedulerRunLogger(database), VesselStates(database)
    good, bad = make_vessel("aurora", "10.0.0.1"), make_vessel("borealis", "10.0.0.1")
    states.sync_fleet((good, bad), NOON)
    for number in range(2):
        at = NOON + timedelta(minutes=15 * number)
        run_id = log.log_run_start(Trigger.SCHEDULE, 2, at).run_id
        states.record_answer(good, answer(pinged("10.0.0.1", at=at), at=at), reached("aurora", at=at))
        states.record_answer(bad, answer(pinged("10.0.0.1", at=at, share=0.5), at=at), reached("borealis", at=at))
        log.log_run_completion(run_id, at)
    (day,) = queries.component_days(date(2026, 1, 1), date(2026, 12, 31))
    assert (day.component, day.day, day.checks, day.compliant) == ("Server", NOON.date(), 4, 2)
    assert day.sla_compliance_percent == 50
    assert day.average_uptime_percent == pytest.approx(75, abs=0.1)
    with database.connection_context():
        assert ComponentDayRow.select().count() == 1
