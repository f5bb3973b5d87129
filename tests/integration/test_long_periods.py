"""Long periods, which are drawn by weeks and read by days, equal a plain loop over their runs."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any

import peewee
import pytest

from fleetdash.domain.analytics.period import Period, Step
from fleetdash.domain.runs import RunStatus, Trigger
from fleetdash.queries import FleetReader
from fleetdash.storage.run_logger import SchedulerRunLogger
from tests.support.histories import MIDNIGHT, VESSELS, History, Tally, migrated, tally, write_history
from tests.support.records import failed, reached


@pytest.fixture
def database(database_url: str) -> Iterator[peewee.Database]:
    with migrated(database_url) as database:
        yield database


LONG = 150
PERIODS = (
    (0, LONG - 1),
    (9, 136),  # from the middle of a week to the middle of another
    (5, 5 + 7 * 19 - 1),  # from a Monday to a Sunday
    (-400, LONG + 30),
)
"""First and last day, counted from the history's first."""


def test_long_periods_equal_a_plain_loop(database: peewee.Database) -> None:
    with database.connection_context(), database.atomic():
        history = write_history(database, days=LONG, runs_a_day=2)
    for first, last in PERIODS:
        start = MIDNIGHT.date()
        _assert_equal(database, history, Period.days(start + timedelta(days=first), start + timedelta(days=last)))


def _assert_equal(database: peewee.Database, history: History, period: Period) -> None:
    queries = FleetReader(database)
    found = queries.analytics(period, MIDNIGHT + timedelta(days=LONG))
    within = history.between(period.first, period.last)
    figures = found.totals.statistics
    assert figures == queries.statistics(period.first, period.last)
    assert figures.total_runs == len(within)
    assert figures.vessels_reached == sum(run.successful_vessels for run, _ in within)
    assert figures.retry_seconds == pytest.approx(sum(run.retry_seconds for run, _ in within))
    durations = [run.duration_seconds or 0 for run, _ in within if run.status is not RunStatus.INTERRUPTED]
    assert figures.median_duration_seconds == pytest.approx(median(durations))
    loop = tally(within)
    assert {each.vessel_id for each in found.vessels} == loop.keys()
    for mine in found.vessels:
        expected = loop[mine.vessel_id]
        assert (mine.runs, mine.successes, mine.retry_attempts) == (expected.runs, expected.successes, expected.retries)
        assert mine.failures == dict(expected.failures)
        assert mine.last_failure is not None
        assert expected.newest is not None
        assert mine.last_failure.message == expected.newest.error_message
    _assert_weeks(found.time_buckets, period, history)
    assert found.step is Step.WEEK
    for row in found.heat_map.rows:
        for start, cell in zip(found.heat_map.starts, row.cells, strict=True):
            week = tally(_between(history, period, start.date(), start.date() + timedelta(days=6)))
            part = week.get(row.vessel_id, Tally())
            assert cell == (part.runs, part.successes)


def _between(history: History, period: Period, first: date, last: date) -> list[Any]:
    return history.between(max(first, period.first), min(last, period.last))


def _assert_weeks(time_buckets: Any, period: Period, history: History) -> None:
    """They follow each other without a gap, begin on Mondays, and hold their runs."""
    assert time_buckets[0].since == period.since
    assert time_buckets[-1].until == period.until
    for before, after in pairwise(time_buckets):
        assert before.until == after.since
        assert after.since.weekday() == 0
    for week in time_buckets:
        runs = [run for run, _ in history.runs if week.since <= run.start_time < week.until]
        assert week.total_runs == len(runs)
        assert week.vessels_reached == sum(run.successful_vessels for run in runs)
        durations = [run.duration_seconds or 0 for run in runs if run.status is not RunStatus.INTERRUPTED]
        assert week.median_seconds == (pytest.approx(median(durations)) if durations else None)
        assert week.slowest_seconds == (pytest.approx(max(durations)) if durations else None)


def test_a_bad_day_is_found_in_a_year(database: peewee.Database) -> None:
    log, bad = SchedulerRunLogger(database), MIDNIGHT + timedelta(days=100)

    def write(start: datetime, *, good: bool) -> None:
        run_id = log.log_run_start(Trigger.SCHEDULE, 2, start).run_id
        for vessel in VESSELS[:2]:
            log.log_vessel_query_result(
                run_id, reached(vessel, at=start) if good else failed(vessel, at=start, ended=True)
            )
        log.log_run_completion(run_id, start + timedelta(seconds=5))

    with database.connection_context(), database.atomic():
        for day in range(200):
            write(MIDNIGHT + timedelta(days=day, hours=6), good=True)
        write(bad + timedelta(hours=9), good=False)
    found = FleetReader(database).analytics(Period.days(MIDNIGHT.date(), MIDNIGHT.date() + timedelta(days=199)), bad)
    assert [(day.day, day.rate_percent, day.vessels_failed) for day in found.bad_times] == [(bad.date(), 50.0, 2)]
