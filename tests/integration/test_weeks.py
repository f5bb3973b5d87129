"""Weeks equal what their days add up to, whatever wrote these; and long periods, read from them, a plain loop."""

import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any

import peewee
import pytest

from fleetdash.domain.analytics.period import Period, Step, of_days
from fleetdash.domain.analytics.run_statistics import COUNTS
from fleetdash.domain.runs import RunStatus, Trigger
from fleetdash.queries import FleetReader
from fleetdash.queries.analytics.covers import cover
from fleetdash.storage.database import migrate
from fleetdash.storage.retention import Retention
from fleetdash.storage.rollups.days import day_date, day_number, pack, unpack, week_of
from fleetdash.storage.rollups.rebuild import rebuild_rollups
from fleetdash.storage.run_logger import SchedulerRunLogger
from fleetdash.storage.schema.models import SchedulerRunLog
from fleetdash.storage.schema.rollups import (
    FAILURE_COUNTS,
    RunDayRow,
    RunWeekRow,
    VesselDayRow,
    VesselSlaDayRow,
    VesselSlaWeekRow,
    VesselWeekRow,
)
from fleetdash.storage.vessel_states import VesselStates
from tests.support.histories import MIDNIGHT, VESSELS, History, Tally, migrated, tally, write_history
from tests.support.records import answer, failed, make_vessel, pinged, reached

DAYS = 17
PARTS = ("runs", "successes", "retry_attempts", *(column.name for column in FAILURE_COUNTS.values()))
VERDICTS = ("judged", "compliant", "uptime_percent_sum", "coverage_percent_sum")


@pytest.fixture
def database(database_url: str) -> Iterator[peewee.Database]:
    with migrated(database_url) as database:
        _two_vessels_are_known(database)
        yield database


def _two_vessels_are_known(database: peewee.Database) -> None:
    """So that each run's end finds verdicts."""
    states = VesselStates(database)
    vessels = tuple(make_vessel(name, "10.0.0.1") for name in VESSELS[:2])
    states.sync_fleet(vessels, MIDNIGHT)
    for vessel, share in zip(vessels, (1.0, 0.5), strict=True):
        pings = pinged("10.0.0.1", at=MIDNIGHT, share=share)
        states.record_answer(vessel, answer(pings, at=MIDNIGHT), reached(vessel.id, at=MIDNIGHT))


def _rows(database: peewee.Database, table: type[peewee.Model]) -> list[dict[str, Any]]:
    with database.connection_context():
        query: Any = table.select().dicts()  # peewee has no type for it
        return list(query)


def weeks_of_days(database: peewee.Database) -> list[dict[Any, Any]]:
    """What the weeks have to be: a plain loop over the days."""
    runs: dict[int, dict[str, Any]] = {}
    for day in _rows(database, RunDayRow):
        mine = runs.setdefault(week_of(day["day"]), {**dict.fromkeys(COUNTS, 0), "durations": []})
        for name in COUNTS:
            mine[name] += day[name]
        mine["durations"] += unpack(day["durations"])
    parts: dict[tuple[int, str], dict[str, Any]] = {}
    for day in _rows(database, VesselDayRow):
        key = week_of(day["day"]), day["vessel_id"]
        mine = parts.setdefault(key, {**dict.fromkeys(PARTS, 0), "last_failed_on": None})
        for name in PARTS:
            mine[name] += day[name]
        if day["last_failed_at"] is not None:
            mine["last_failed_on"] = max(day["day"], mine["last_failed_on"] or 0)
    verdicts: dict[tuple[int, str], dict[str, Any]] = defaultdict(lambda: dict.fromkeys(VERDICTS, 0))
    for day in _rows(database, VesselSlaDayRow):
        for name in VERDICTS:
            verdicts[week_of(day["day"]), day["vessel_id"]][name] += day[name]
    return [
        {week: {**mine, "durations": pack(mine["durations"])} for week, mine in runs.items()},
        parts,
        dict(verdicts),
    ]


def weeks(database: peewee.Database) -> list[dict[Any, Any]]:
    """What they are."""
    not_sums = {"week", "written"}
    runs = {
        row["week"]: {name: value for name, value in row.items() if name not in not_sums}
        | {"durations": bytes(row["durations"])}
        for row in _rows(database, RunWeekRow)
    }
    by_vessel = [
        {(row.pop("week"), row.pop("vessel_id")): row for row in _rows(database, table)}
        for table in (VesselWeekRow, VesselSlaWeekRow)
    ]
    return [runs, *by_vessel]


def assert_exact(database: peewee.Database) -> None:
    for found, expected in zip(weeks(database), weeks_of_days(database), strict=True):
        assert expected
        assert found.keys() == expected.keys()
        for key, row in expected.items():
            assert found[key] == {
                name: pytest.approx(value) if isinstance(value, float) else value for name, value in row.items()
            }


@pytest.mark.parametrize("seed", range(3))
def test_weeks_equal_the_sums_of_their_days_whatever_wrote_these(database: peewee.Database, seed: int) -> None:
    chance, log = random.Random(seed), SchedulerRunLogger(database)
    history = write_history(database, days=DAYS, runs_a_day=3, seed=seed)
    assert_exact(database)
    for _ in range(6):  # late ones, of any day; some are closed twice
        start = MIDNIGHT + timedelta(hours=chance.uniform(-200, 24 * DAYS + 200))
        run = log.insert_run(Trigger.MANUAL, 1, start, None)
        name = chance.choice((*VESSELS, "new"))
        log.log_vessel_query_result(run.run_id, chance.choice((failed(name, at=start, ended=True), reached(name))))
        log.log_run_completion(run.run_id, start + timedelta(seconds=chance.uniform(1, 90)))
        if chance.random() < 0.5:
            log.log_run_completion(run.run_id, start, status=RunStatus.INTERRUPTED)
        assert_exact(database)
    with database.connection_context():  # runs that vanished: what is derived from them goes with a rebuild
        gone = [int(run.run_id) for run, _ in chance.sample(history.runs, 9)]
        SchedulerRunLog.delete().where(SchedulerRunLog.id.in_(gone)).execute()
    rebuild_rollups(database)
    assert_exact(database)
    keeping = Retention(database, attempts_days=4, runs_days=9)
    while keeping.step(MIDNIGHT + timedelta(days=DAYS)):
        pass
    rebuild_rollups(database)
    assert_exact(database)


def test_an_installation_that_has_days_only_gets_its_weeks(database: peewee.Database) -> None:
    write_history(database, days=DAYS, runs_a_day=3)
    before = weeks(database)
    with database.connection_context():
        for table in ("run_weeks", "vessel_weeks", "vessel_sla_weeks"):
            database.execute_sql(f"DROP TABLE {table}")
        database.execute_sql("DELETE FROM schema_migration WHERE name IN ('0006_weeks', '0008_weeks_written')")
    assert migrate(database) == ["0006_weeks", "0008_weeks_written"]
    numbers = {row["written"] for row in _rows(database, RunWeekRow)}
    assert len(numbers) == len(weeks(database)[0])
    assert_exact(database)
    assert [found.keys() for found in weeks(database)] == [found.keys() for found in before]
    log = SchedulerRunLogger(database)
    run = log.log_run_start(Trigger.MANUAL, 1, MIDNIGHT)
    log.log_run_completion(run.run_id, MIDNIGHT)
    assert_exact(database)


@pytest.mark.parametrize("start", range(8))
@pytest.mark.parametrize("days", [1, 6, 7, 8, 13, 14, 20, 300])
def test_whole_weeks_and_the_days_around_them_are_the_period(start: int, days: int) -> None:
    first = MIDNIGHT.date() + timedelta(days=start)
    last = first + timedelta(days=days - 1)
    found = cover(first, last)
    weekly = [7 * week - 3 + day for week in range(found.weeks[0], found.weeks[1] + 1) for day in range(7)]
    single = [day for low, high in (found.before, found.after) for day in range(low, high + 1)]
    assert sorted(weekly + single) == list(range(day_number(first), day_number(last) + 1))
    assert len(single) <= 13
    assert found.weeks[1] < week_of(day_number(last))  # which is still written, also on its Sunday
    assert all(day_date(day).weekday() == 0 for day in weekly[::7])


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
        _assert_equal(database, history, of_days(start + timedelta(days=first), start + timedelta(days=last)))


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
    assert {each.vessel_id for each in found.standings} == loop.keys()
    for mine in found.standings:
        expected = loop[mine.vessel_id]
        assert (mine.runs, mine.successes, mine.retry_attempts) == (expected.runs, expected.successes, expected.retries)
        assert mine.failures == dict(expected.failures)
        assert mine.last_failure is not None
        assert expected.newest is not None
        assert mine.last_failure.message == expected.newest.error_message
    _assert_weeks(found.time_buckets, period, history)
    assert found.step is Step.WEEK
    for row in found.heat:
        for start, cell in zip(found.heat_starts, row.cells, strict=True):
            week = tally(_between(history, period, start, start + timedelta(days=6)))
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
    found = FleetReader(database).analytics(of_days(MIDNIGHT.date(), MIDNIGHT.date() + timedelta(days=199)), bad)
    assert [(day.day, day.rate_percent, day.vessels_failed) for day in found.bad_days] == [(bad.date(), 50.0, 2)]
