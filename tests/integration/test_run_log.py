"""The run log on SQLite and PostgreSQL: written as it happens, read back, paged and followed."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import peewee
import pytest

from fleetdash.domain.events import AttemptFinished, RunFinished, RunStarted
from fleetdash.domain.run_filter import RunFilter
from fleetdash.domain.runs import AttemptKind, ErrorKind, Run, RunStatus, Trigger
from fleetdash.domain.schedule import Schedule
from fleetdash.errors import BadCursor, NotFound, StorageError
from fleetdash.monitoring.remote_scheduler import RemoteScheduler
from fleetdash.queries import FleetReader
from fleetdash.storage.database import sqlite_file
from fleetdash.storage.locks import scheduling_lock
from fleetdash.storage.rollups import rebuild_rollups
from fleetdash.storage.run_logger import SchedulerRunLogger
from tests.support.clock import FakeClock
from tests.support.records import NOON, failed, reached


@pytest.fixture
def log(database: peewee.Database) -> SchedulerRunLogger:
    return SchedulerRunLogger(database)


@pytest.fixture
def queries(database: peewee.Database) -> FleetReader:
    return FleetReader(database)


def finished_run(
    log: SchedulerRunLogger, minutes: int = 0, duration: float = 8.0, trigger: Trigger = Trigger.SCHEDULE
) -> Run:
    start = NOON + timedelta(minutes=minutes)
    run = log.log_run_start(trigger, 1, start)
    log.log_vessel_query_result(run.run_id, reached(at=start + timedelta(seconds=1)))
    return log.log_run_completion(run.run_id, start + timedelta(seconds=duration), duration_seconds=duration)


def test_a_run_is_there_from_its_start(log: SchedulerRunLogger) -> None:
    run = log.log_run_start(Trigger.MANUAL, 66, NOON)
    assert log.get_recent_runs() == [run]
    assert (run.status, run.trigger, run.total_vessels, run.start_time) == (RunStatus.RUNNING, Trigger.MANUAL, 66, NOON)
    assert (run.end_time, run.duration_seconds) == (None, None)


def test_every_attempt_counts_as_it_happens(log: SchedulerRunLogger) -> None:
    run_id = log.log_run_start(Trigger.SCHEDULE, 3, NOON).run_id
    log.log_vessel_query_result(run_id, reached("aurora"))
    log.log_vessel_query_result(run_id, failed("borealis", 1))
    log.log_vessel_query_result(run_id, reached("borealis", 2, backoff=1.0))
    log.log_vessel_query_result(run_id, failed("calypso", 1, ended=True, kind=ErrorKind.AUTHENTICATION))
    details = log.get_run_details(run_id)
    run = details.run
    assert (run.successful_vessels, run.failed_vessels, run.retry_attempts) == (2, 1, 1)
    assert [(a.vessel_id, a.attempt_number, a.kind) for a in details.attempts][1:3] == [
        ("borealis", 1, AttemptKind.INITIAL),
        ("borealis", 2, AttemptKind.RETRY),
    ]
    assert details.attempts[3] == failed("calypso", 1, ended=True, kind=ErrorKind.AUTHENTICATION)
    assert details.unreachable_vessels == ("calypso",)
    assert details.retry_summary == {"borealis": 1}


@pytest.mark.parametrize(
    ("reached_vessels", "status"), [(2, RunStatus.COMPLETED), (1, RunStatus.PARTIAL), (0, RunStatus.FAILED)]
)
def test_the_status_follows_from_who_was_reached(
    log: SchedulerRunLogger, reached_vessels: int, status: RunStatus
) -> None:
    run_id = log.log_run_start(Trigger.SCHEDULE, 2, NOON).run_id
    for number in range(2):
        good = number < reached_vessels
        log.log_vessel_query_result(run_id, reached(f"v{number}") if good else failed(f"v{number}", ended=True))
    run = log.log_run_completion(run_id, NOON + timedelta(seconds=9), duration_seconds=9.0)
    assert (run.status, run.success_rate_percent, run.duration_seconds) == (status, reached_vessels * 50, 9.0)


def test_time_in_retries_is_told_as_wall_time_and_as_sums(log: SchedulerRunLogger) -> None:
    run_id = log.log_run_start(Trigger.SCHEDULE, 2, NOON).run_id
    for vessel in ("aurora", "borealis"):
        log.log_vessel_query_result(run_id, failed(vessel, 1, NOON + timedelta(seconds=30)))
        log.log_vessel_query_result(run_id, reached(vessel, 2, NOON + timedelta(seconds=31.5), backoff=1.0))
    run = log.log_run_completion(run_id, NOON + timedelta(seconds=32))
    assert (run.retry_seconds, run.retry_wait_seconds, run.retry_query_seconds) == (1.5, 2.0, 1.0)


def test_a_run_that_took_clearly_longer_than_usual_is_slow(log: SchedulerRunLogger) -> None:
    for minutes in range(5):
        assert not finished_run(log, minutes, duration=8).slow
    assert not finished_run(log, 6, duration=12.9).slow  # 1.5 times the usual, but only 4.9 s longer
    assert finished_run(log, 7, duration=13.1).slow


def test_a_run_cut_short_shows_what_it_had_reached(log: SchedulerRunLogger) -> None:
    run_id = log.log_run_start(Trigger.SCHEDULE, 3, NOON).run_id
    log.log_vessel_query_result(run_id, reached(at=NOON + timedelta(seconds=4)))
    (closed,) = log.close_left_running()
    assert (closed.run_id, closed.status, closed.successful_vessels) == (run_id, RunStatus.INTERRUPTED, 1)
    assert closed.end_time == NOON + timedelta(seconds=4)
    assert log.close_left_running() == []


def test_an_attempt_cannot_be_recorded_twice(log: SchedulerRunLogger) -> None:
    run_id = log.log_run_start(Trigger.SCHEDULE, 1, NOON).run_id
    log.log_vessel_query_result(run_id, reached())
    with pytest.raises(StorageError):
        log.log_vessel_query_result(run_id, reached())
    assert log.get_run_details(run_id).run.successful_vessels == 1


@pytest.mark.parametrize("run_id", ["999", "", "x", "1; DROP TABLE scheduler_runs", "٣"])
def test_a_run_that_is_not_there_is_said_to_be_missing(log: SchedulerRunLogger, run_id: str) -> None:
    with pytest.raises(NotFound):
        log.get_run_details(run_id)


def test_pages_lead_back_to_the_first_run_and_stay_right_while_runs_come_in(
    log: SchedulerRunLogger, queries: FleetReader
) -> None:
    known = [finished_run(log, minutes).run_id for minutes in range(7)][::-1]
    first = queries.runs(limit=3)
    finished_run(log, 100)
    second = queries.runs(limit=3, cursor=first.next_cursor)
    third = queries.runs(limit=3, cursor=second.next_cursor)
    assert [run.run_id for page in (first, second, third) for run in page.runs] == known
    assert third.next_cursor is None
    back = queries.runs(limit=3, cursor=third.previous_cursor)
    assert back.runs == second.runs


def test_runs_stay_in_the_order_in_which_they_were_made_whatever_the_clock_showed(
    log: SchedulerRunLogger, queries: FleetReader
) -> None:
    minutes = [0, 1, 24 * 60, 2, 3]  # the third was made while the clock was a day ahead
    made = [finished_run(log, at).run_id for at in minutes]
    first = queries.runs(limit=2)
    second = queries.runs(limit=2, cursor=first.next_cursor)
    third = queries.runs(limit=2, cursor=second.next_cursor)
    assert [run.run_id for page in (first, second, third) for run in page.runs] == made[::-1]
    assert queries.runs(limit=2, cursor=third.previous_cursor).runs == second.runs
    assert [part.run.run_id for part in queries.vessel_runs("aurora")] == made[::-1]
    assert queries.newest_run() == queries.fleet().latest_run == queries.run(made[-1]).run
    until = RunFilter(until=NOON + timedelta(hours=1))
    assert [run.run_id for run in queries.runs(until).runs] == [made[4], made[3], made[1], made[0]]
    since = RunFilter(since=NOON + timedelta(minutes=2))
    assert [run.run_id for run in queries.runs(since).runs] == [made[4], made[3], made[2]]


def test_a_run_is_compared_with_those_made_before_it_whatever_the_clock_showed(
    database: peewee.Database, log: SchedulerRunLogger, queries: FleetReader
) -> None:
    for minutes in range(5):
        finished_run(log, 24 * 60 + minutes, duration=8)  # made while the clock was a day ahead
    slow = finished_run(log, 5, duration=14)
    assert slow.slow
    assert queries.usual_durations([slow]) == {slow.run_id: 8}
    rebuild_rollups(database)
    assert queries.run(slow.run_id).run == slow


def test_the_log_can_be_filtered(log: SchedulerRunLogger, queries: FleetReader) -> None:
    for minutes in range(4):
        finished_run(log, minutes, trigger=Trigger.MANUAL if minutes == 2 else Trigger.SCHEDULE)
    other = log.log_run_start(Trigger.STARTUP, 1, NOON + timedelta(minutes=9))
    log.log_vessel_query_result(other.run_id, failed("borealis", ended=True))
    log.log_run_completion(other.run_id, NOON + timedelta(minutes=10))
    assert [run.run_id for run in queries.runs(RunFilter(status=RunStatus.FAILED)).runs] == [other.run_id]
    assert [run.run_id for run in queries.runs(RunFilter(vessel_id="borealis")).runs] == [other.run_id]
    assert len(queries.runs(RunFilter(trigger=Trigger.MANUAL)).runs) == 1
    since, until = NOON + timedelta(minutes=1), NOON + timedelta(minutes=3)
    assert [run.start_time for run in queries.runs(RunFilter(since=since, until=until)).runs] == [
        until - timedelta(minutes=1),
        since,
    ]


@pytest.mark.parametrize("cursor", ["x", "after-", "other-1", "after-1-1", "after--1", "é"])
def test_a_cursor_that_was_never_handed_out_is_refused(queries: FleetReader, cursor: str) -> None:
    with pytest.raises(BadCursor):
        queries.runs(cursor=cursor)


def test_a_vessels_part_in_the_runs(log: SchedulerRunLogger, queries: FleetReader) -> None:
    newest = [finished_run(log, minutes) for minutes in range(3)][-1]
    part = queries.vessel_runs("aurora", limit=2)
    assert len(part) == 2
    assert part[0].run.run_id == newest.run_id
    assert [attempt.success for attempt in part[0].attempts] == [True]
    assert queries.vessel_runs("nobody") == ()


def test_the_version_changes_with_every_start_attempt_and_end(log: SchedulerRunLogger, queries: FleetReader) -> None:
    versions = [queries.version()]
    run_id = log.log_run_start(Trigger.SCHEDULE, 1, NOON).run_id
    versions.append(queries.version())
    log.log_vessel_query_result(run_id, reached())
    versions.append(queries.version())
    log.log_run_completion(run_id, NOON)
    versions.append(queries.version())
    assert len(set(versions)) == 4
    assert queries.version() == versions[-1]


def test_another_process_can_follow_a_run(log: SchedulerRunLogger, queries: FleetReader) -> None:
    position = queries.events_position()
    run_id = log.log_run_start(Trigger.SCHEDULE, 2, NOON).run_id
    log.log_vessel_query_result(run_id, reached("aurora"))
    position, events = queries.events_after(position)
    assert [type(event) for event in events] == [RunStarted, AttemptFinished]
    log.log_vessel_query_result(run_id, failed("borealis", ended=True))
    log.log_run_completion(run_id, NOON)
    position, events = queries.events_after(position)
    attempt, end = events
    assert isinstance(attempt, AttemptFinished)
    assert (attempt.finished_vessels, attempt.successful_vessels, attempt.failed_vessels) == (2, 1, 1)
    assert isinstance(end, RunFinished)
    assert end.run.status is RunStatus.PARTIAL
    assert queries.events_after(position)[1] == ()


def test_a_run_dated_ahead_of_the_clock_is_not_the_last_one(
    database: peewee.Database, database_url: str, log: SchedulerRunLogger
) -> None:
    schedule, clock = Schedule(15, None, ZoneInfo("UTC")), FakeClock(NOON + timedelta(minutes=16))
    lock = scheduling_lock(database, sqlite_file(database_url))
    remote = RemoteScheduler(log, schedule, lock, clock, vessels=1)
    finished_run(log, 24 * 60)  # made while the clock was a day ahead
    assert remote.status().last_run_at is None
    made_later = finished_run(log, 15)
    assert remote.status().last_run_at == made_later.start_time
    assert not remote.status().overdue
