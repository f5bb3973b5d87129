"""All that is said of a period, held against a plain loop over a small raw history; SQLite and PostgreSQL."""

from collections.abc import Container, Iterable, Iterator
from datetime import datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

import peewee
import pytest

from fleetdash.domain.analytics.actions import Actor
from fleetdash.domain.analytics.period import DAY, Period, Step, midnight
from fleetdash.domain.analytics.summary import Analytics
from fleetdash.domain.runs import Attempt, ErrorKind, Run, RunStatus, Trigger
from fleetdash.domain.schedule import Schedule
from fleetdash.queries import FleetReader
from fleetdash.storage.run_logger import SchedulerRunLogger
from fleetdash.storage.schema import SchedulerRunLog, VesselQueryResult
from fleetdash.storage.timestamps import to_ms
from fleetdash.storage.vessel_states import VesselStates
from tests.support.histories import MIDNIGHT, VESSELS, History, migrated, tally, write_history
from tests.support.records import NOON, answer, failed, make_vessel, pinged, reached
from tests.support.statements import statements_sent

DAYS = 6
FIRST, LAST = MIDNIGHT.date(), MIDNIGHT.date() + timedelta(days=DAYS - 1)
NOW = MIDNIGHT + timedelta(days=DAYS - 1, hours=20)
HOURLY = Schedule(every_minutes=60, daily_at=None, timezone=ZoneInfo("UTC"))


@pytest.fixture
def database(database_url: str) -> Iterator[peewee.Database]:
    with migrated(database_url) as database:
        yield database


@pytest.fixture
def history(database: peewee.Database) -> History:
    return write_history(database, days=DAYS)


@pytest.fixture
def queries(database: peewee.Database) -> FleetReader:
    return FleetReader(database, HOURLY)


def within(history: History, since: datetime, until: datetime) -> list[tuple[Run, list[Attempt]]]:
    return [(run, attempts) for run, attempts in history.runs if since <= run.start_time < until]


PERIODS = {
    "all days": Period.days(FIRST, LAST),
    "two days": Period.days(FIRST + timedelta(days=2), FIRST + timedelta(days=3)),
    "the last 24 hours": Period.last_24_hours(NOW),
    "an odd 24 hours": Period.last_24_hours(MIDNIGHT + timedelta(days=1, hours=7, minutes=13)),
    "before everything": Period.days(FIRST - timedelta(days=9), FIRST - timedelta(days=5)),
}


@pytest.mark.parametrize("name", PERIODS)
def test_figures_equal_a_plain_loop(
    database: peewee.Database, history: History, queries: FleetReader, name: str
) -> None:
    period = PERIODS[name]
    found = queries.analytics(period, NOW)
    runs = within(history, period.since, period.until)
    of_status = [run.status for run, _ in runs]
    figures = found.totals.statistics
    assert found.empty is (not runs)
    assert figures.completed_runs == of_status.count(RunStatus.COMPLETED)
    assert figures.partial_runs == of_status.count(RunStatus.PARTIAL)
    assert figures.failed_runs == of_status.count(RunStatus.FAILED)
    assert figures.interrupted_runs == of_status.count(RunStatus.INTERRUPTED)
    assert figures.vessels_reached == sum(run.successful_vessels for run, _ in runs)
    assert figures.retry_seconds == pytest.approx(sum(run.retry_seconds for run, _ in runs))
    durations = [run.duration_seconds or 0 for run, _ in runs if run.status is not RunStatus.INTERRUPTED]
    assert figures.median_duration_seconds == (pytest.approx(median(durations)) if durations else None)
    loop = tally(runs)
    assert {each.vessel_id for each in found.vessels} == loop.keys()
    for mine in found.vessels:
        expected = loop[mine.vessel_id]
        assert (mine.runs, mine.successes, mine.retry_attempts) == (expected.runs, expected.successes, expected.retries)
        assert mine.failures == dict(expected.failures)
        assert (mine.last_failure is None) == (expected.newest is None)
        if mine.last_failure and expected.newest:
            assert mine.last_failure.message == expected.newest.error_message
    earlier = within(history, period.previous.since, period.previous.until)
    # without a schedule any runs can be compared
    before = FleetReader(database).analytics(period, NOW).before
    assert (before is None) is (not (runs and earlier))
    if before:
        assert before.statistics.total_runs == len(earlier)


def test_the_same_figures_as_the_api(history: History, queries: FleetReader) -> None:
    period = Period.days(FIRST, LAST)
    assert queries.analytics(period, NOW).totals.statistics == queries.statistics(FIRST, LAST)


@pytest.mark.parametrize("name", ["all days", "the last 24 hours"])
def test_hours_equal_a_plain_loop_and_an_hour_without_runs_has_no_rate(
    history: History, queries: FleetReader, name: str
) -> None:
    found = queries.analytics(PERIODS[name], NOW)
    assert found.step is Step.HOUR
    for hour in found.time_buckets:
        since = max(hour.since, found.period.since)
        runs = [run for run, _ in within(history, since, hour.until)]
        assert hour.total_runs == len(runs)
        assert hour.vessels_reached == sum(run.successful_vessels for run in runs)
        assert hour.slow_runs == sum(run.slow for run in runs)
        assert (hour.success_rate_percent is None) is (not runs)
    assert sum(hour.total_runs for hour in found.time_buckets) == found.totals.statistics.total_runs


def test_days_and_weeks_are_there_also_without_runs(history: History, queries: FleetReader) -> None:
    by_day = queries.analytics(Period.days(FIRST - timedelta(days=20), LAST), NOW)
    assert by_day.step is Step.DAY
    assert len(by_day.time_buckets) == 20 + DAYS
    assert [day.total_runs for day in by_day.time_buckets[20:]] == [7, 7, 0, 7, 7, 7]
    by_week = queries.analytics(Period.days(FIRST - timedelta(days=500), LAST), NOW)
    assert by_week.step is Step.WEEK
    assert sum(week.total_runs for week in by_week.time_buckets) == len(history.runs)
    durations = [r.duration_seconds or 0 for r, _ in history.runs if r.status is not RunStatus.INTERRUPTED]
    last = [week for week in by_week.time_buckets if week.total_runs]
    if len(last) == 1:
        assert last[0].median_seconds == pytest.approx(median(durations))


def test_hours_fall_back_to_days_where_runs_are_no_longer_kept(
    database: peewee.Database, history: History, queries: FleetReader
) -> None:
    with database.connection_context():
        database.execute_sql(f"DELETE FROM scheduler_runs WHERE id <= {history.runs[10][0].run_id}")
    found = queries.analytics(Period.days(FIRST, LAST), NOW)
    assert found.step is Step.DAY
    assert found.totals.statistics.total_runs == len(history.runs)


def test_runs_made_of_runs_due(database: peewee.Database, queries: FleetReader) -> None:
    log = SchedulerRunLogger(database)
    for hour in (6, 7, 8, 11, 12):
        slot = MIDNIGHT + timedelta(hours=hour)
        run_id = log.log_run_start(Trigger.SCHEDULE, 0, slot + timedelta(seconds=2), due_at=slot).run_id
        log.log_run_completion(run_id, slot + timedelta(seconds=9))
    now = MIDNIGHT + timedelta(hours=13, minutes=30)
    period = Period.days(FIRST, FIRST)
    totals = queries.analytics(period, now).totals
    assert (totals.slots_filled, totals.due) == (5, 8)  # 6 to 13 o'clock: nothing is due before the first run
    assert totals.runs_made_percent == 62.5
    under_way = MIDNIGHT + timedelta(hours=13)
    log.log_run_start(Trigger.SCHEDULE, 0, under_way, due_at=under_way)
    assert queries.analytics(period, now).totals.due == 7
    assert FleetReader(database).analytics(period, now).totals.due is None


def test_a_bad_day_is_found_with_its_reasons(database: peewee.Database, queries: FleetReader) -> None:
    log = SchedulerRunLogger(database)
    for day in range(5):
        for hour in range(24 if day != 3 else 20):
            start = MIDNIGHT + timedelta(days=day, hours=hour)
            run_id = log.log_run_start(Trigger.SCHEDULE, 2, start, due_at=start).run_id
            bad = day == 3 and hour < 9
            for vessel in VESSELS[:2]:
                end = (
                    failed(vessel, at=start, ended=True, kind=ErrorKind.CONNECTION)
                    if bad
                    else reached(vessel, at=start)
                )
                log.log_vessel_query_result(run_id, end)
            log.log_run_completion(run_id, start + timedelta(seconds=5))
    found = queries.analytics(Period.days(FIRST, FIRST + timedelta(days=4)), MIDNIGHT + timedelta(days=5))
    (day_found,) = found.bad_times
    assert day_found.day == FIRST + timedelta(days=3)
    assert (day_found.rate_percent, day_found.missed_runs) == (55.0, 4)
    assert [(r.kind, r.failures, r.vessels) for r in day_found.reasons] == [(ErrorKind.CONNECTION, 18, 2)]


def test_vessels_that_missed_the_sla_and_the_coverage(database: peewee.Database, queries: FleetReader) -> None:
    log, states = SchedulerRunLogger(database), VesselStates(database)
    good, bad, gone = (make_vessel(name, "10.0.0.1") for name in ("aurora", "borealis", "calypso"))
    states.sync_fleet((good, bad, gone), NOON)
    for number in range(3):
        at = NOON + timedelta(minutes=15 * number)
        run_id = log.log_run_start(Trigger.SCHEDULE, 3, at).run_id
        for vessel, share in ((good, 1.0), (bad, 0.5)):
            states.record_answer(
                vessel, answer(pinged("10.0.0.1", at=at, share=share), at=at), reached(vessel.id, at=at)
            )
            log.log_vessel_query_result(run_id, reached(vessel.id, at=at))
        states.record_failure(gone, failed("calypso", at=at, ended=True))
        log.log_vessel_query_result(run_id, failed("calypso", at=at, ended=True))
        log.log_run_completion(run_id, at)
    found = queries.analytics(Period.days(NOON.date(), NOON.date()), NOON + timedelta(hours=1))
    performances = {each.vessel_id: each for each in found.vessels}
    assert [each.vessel_id for each in found.missed_sla] == ["borealis"]
    assert performances["borealis"].average_uptime_percent == pytest.approx(50, abs=0.1)
    assert performances["aurora"].sla_percent == 100
    assert (performances["calypso"].checks, performances["calypso"].trouble_percent) == (0, 100)
    assert (found.totals.checks, found.totals.compliant, found.totals.coverage_percent) == (6, 3, 100)
    # what missed the SLA and is well again needs nobody
    assert listed(found) == {Actor.BOARD: [], Actor.SHORE: [], Actor.LINK: ["calypso"]}


def listed(found: Analytics) -> dict[Actor, list[str]]:
    return {actor: [each.vessel_id for each in vessels] for actor, vessels in found.actions.items()}


def test_vessels_that_need_action_are_listed_by_who_can_act(database: peewee.Database, queries: FleetReader) -> None:
    log, states = SchedulerRunLogger(database), VesselStates(database)
    fleet = {
        name: make_vessel(name, "10.0.0.1", "10.0.0.2") for name in ("well", "broken", "refused", "silent", "weak")
    }
    states.sync_fleet(tuple(fleet.values()), MIDNIGHT)

    def run(number: int, errors: dict[str, ErrorKind]) -> None:
        at = MIDNIGHT + timedelta(hours=number)
        run_id = log.log_run_start(Trigger.SCHEDULE, len(fleet), at, due_at=at).run_id
        for name, vessel in fleet.items():
            if kind := errors.get(name):
                attempt = failed(name, at=at, ended=True, kind=kind)
                states.record_failure(vessel, attempt)
            else:
                attempt = reached(name, at=at)
                last_ping = timedelta(hours=3) if name == "silent" else timedelta(minutes=1)
                last_answer = timedelta(hours=2) if name == "broken" else last_ping
                pings = (
                    pinged("10.0.0.1", at=at, last_ping=last_ping, last_answer=last_ping),
                    pinged("10.0.0.2", at=at, last_ping=last_ping, last_answer=last_answer),
                )
                states.record_answer(vessel, answer(*pings, at=at), attempt)
            log.log_vessel_query_result(run_id, attempt)
        log.log_run_completion(run_id, at + timedelta(seconds=5))

    refused = {"refused": ErrorKind.AUTHENTICATION}
    for number in range(12):
        storm = dict.fromkeys(("well", "broken", "silent"), ErrorKind.TIMEOUT) if number in (2, 3, 4) else {}
        weak = {"weak": ErrorKind.CONNECTION} if number in (6, 8, 9) else {}
        run(number, refused | storm | weak)
    found = queries.analytics(Period.days(FIRST, FIRST), MIDNIGHT + timedelta(hours=11, minutes=30))
    assert listed(found) == {Actor.BOARD: ["broken"], Actor.SHORE: ["refused", "silent"], Actor.LINK: ["weak"]}
    weak_vessel = next(each for each in found.vessels if each.vessel_id == "weak")
    assert (weak_vessel.runs, weak_vessel.own_runs.runs, weak_vessel.own_runs.unreached) == (12, 9, 3)


def test_outages_are_as_long_as_they_were_within_the_period(database: peewee.Database, queries: FleetReader) -> None:
    states = VesselStates(database)
    vessel, other = make_vessel("aurora", "10.0.0.1"), make_vessel("borealis", "10.0.0.1")
    states.sync_fleet((vessel, other), MIDNIGHT)

    def answers(hours: float, *, up: bool) -> None:
        at = MIDNIGHT + timedelta(hours=hours)
        last_answer = timedelta(minutes=1) if up else timedelta(minutes=5)
        pings = pinged("10.0.0.1", at=at, last_answer=last_answer, share=0.9)
        states.record_answer(vessel, answer(pings, at=at), reached(at=at))

    answers(1, up=True)
    answers(20, up=False)
    answers(30, up=True)
    states.record_failure(other, failed("borealis", at=MIDNIGHT + timedelta(hours=40), ended=True))
    answers(50, up=False)

    def outages(period: Period, now: datetime) -> list[tuple[str, str | None, float, float, bool]]:
        """Hours within the period, and in all; whether it is not over yet."""
        found = queries.analytics(period, now).outages
        return [
            (each.vessel_id, each.ip_address, each.seconds / 3600, each.lasted_seconds / 3600, each.ended_at is None)
            for each in found
        ]

    now = MIDNIGHT + timedelta(hours=60)
    everything = Period.days(FIRST, FIRST + timedelta(days=2))
    # of a device that is down now its vessel knows better than the run that noticed it: a minute before
    minute = 1 / 60
    assert outages(everything, now) == [
        ("borealis", None, 20, 20, True),
        ("aurora", "10.0.0.1", pytest.approx(10 + minute), pytest.approx(10 + minute), True),
        ("aurora", "10.0.0.1", 10, 10, False),
    ]
    # clipped to the second day: one began before it, and neither lasted only so long
    second = Period.days(FIRST + timedelta(days=1), FIRST + timedelta(days=1))
    assert outages(second, now) == [("borealis", None, 8, 20, True), ("aurora", "10.0.0.1", 6, 10, False)]
    fifth = Period.days(FIRST + timedelta(days=4), FIRST + timedelta(days=4))
    assert outages(fifth, midnight(LAST)) == [
        ("borealis", None, 24, 80, True),
        ("aurora", "10.0.0.1", 24, pytest.approx(70 + minute), True),
    ]
    assert outages(Period.days(FIRST - timedelta(days=4), FIRST - timedelta(days=1)), now) == []


def test_a_device_that_was_down_before_the_history_began_is_down_for_at_least_so_long(
    database: peewee.Database, queries: FleetReader
) -> None:
    states, vessel = VesselStates(database), make_vessel("aurora", "10.0.0.1")
    states.sync_fleet((vessel,), MIDNIGHT)
    down = pinged("10.0.0.1", at=MIDNIGHT, last_answer=None, outage=timedelta(days=31), share=0)
    states.record_answer(vessel, answer(down, at=MIDNIGHT), reached(at=MIDNIGHT))
    now = MIDNIGHT + timedelta(hours=6)
    (outage,) = queries.analytics(Period.last_24_hours(now), now).outages
    assert (outage.began_at, outage.began_is_bound) == (MIDNIGHT - timedelta(days=31), True)
    assert outage.seconds == 24 * 3600
    assert outage.lasted_seconds == 31 * 24 * 3600 + 6 * 3600


def write_runs(database: peewee.Database, starts: Iterable[datetime], unreached: Container[datetime] = ()) -> None:
    """One of two vessels is not reached in the runs named."""
    log = SchedulerRunLogger(database)
    for start in starts:
        run_id = log.log_run_start(Trigger.SCHEDULE, 2, start, due_at=start).run_id
        log.log_vessel_query_result(run_id, reached("aurora", at=start))
        bad = start in unreached
        log.log_vessel_query_result(
            run_id, failed("borealis", at=start, ended=True) if bad else reached("borealis", at=start)
        )
        log.log_run_completion(run_id, start + timedelta(seconds=5))


@pytest.mark.parametrize(
    ("earlier", "later", "compared"), [(24, 24, True), (20, 24, True), (19, 24, False), (24, 18, False), (1, 24, False)]
)
def test_a_period_is_compared_only_with_one_that_was_watched_as_well(
    database: peewee.Database, queries: FleetReader, earlier: int, later: int, compared: bool
) -> None:
    """80 % of the runs due, in both; also where history began within the earlier one."""
    second = MIDNIGHT + timedelta(days=1)
    write_runs(database, (second - timedelta(hours=hour) for hour in range(earlier, 0, -1)))
    write_runs(database, (second + timedelta(hours=hour) for hour in range(later)))
    found = queries.analytics(Period.days(second.date(), second.date()), second + timedelta(days=1, hours=1))
    assert (found.before is not None) is compared
    assert [each.previous_rate_percent for each in found.vessels] == [100.0 if compared else None] * 2
    assert found.totals.statistics.total_runs == later


@pytest.mark.parametrize("name", ["two days", "the last 24 hours", "an odd 24 hours"])
def test_the_heat_map_of_a_short_period_has_hours(history: History, queries: FleetReader, name: str) -> None:
    period = PERIODS[name]
    heat = queries.analytics(period, NOW).heat_map
    assert heat.step is Step.HOUR
    assert len(heat.starts) == (48 if name == "two days" else 24 + bool(period.since.minute))
    for row in heat.rows:
        for start, cell in zip(heat.starts, row.cells, strict=True):
            since, until = max(start, period.since), min(start + timedelta(hours=1), period.until)
            expected = tally(within(history, since, until)).get(row.vessel_id)
            assert cell == ((expected.runs, expected.successes) if expected else (0, 0))


def test_the_heat_map_has_days_where_attempts_are_no_longer_kept(
    database: peewee.Database, history: History, queries: FleetReader
) -> None:
    third = MIDNIGHT + timedelta(days=3)
    old = SchedulerRunLog.select(SchedulerRunLog.id).where(SchedulerRunLog.start_time < to_ms(third))
    VesselQueryResult.delete().where(VesselQueryResult.run.in_(old)).execute()
    heat = queries.analytics(Period.days(FIRST, FIRST), NOW).heat_map
    assert (heat.step, heat.starts) == (Step.DAY, (MIDNIGHT,))
    assert sum(row.cells[0][0] for row in heat.rows) > 0
    assert queries.analytics(Period.days(third.date(), third.date()), NOW).heat_map.step is Step.HOUR


def test_the_bad_hours_of_a_day_are_found_with_their_reasons(database: peewee.Database, queries: FleetReader) -> None:
    runs = [MIDNIGHT + timedelta(hours=hour) for hour in range(24)]
    write_runs(database, runs, unreached={runs[3], runs[4], runs[15]})
    now = MIDNIGHT + timedelta(days=1)
    found = queries.analytics(Period.last_24_hours(now), now)
    assert [(bad.since, bad.until, bad.rate_percent, bad.vessels_failed) for bad in found.bad_times] == [
        (runs[3], runs[5], 50, 1),
        (runs[15], runs[16], 50, 1),
    ]
    assert [(reason.kind, reason.failures) for reason in found.bad_times[0].reasons] == [(ErrorKind.TIMEOUT, 2)]


def test_a_day_without_bad_hours_still_has_its_own_account(database: peewee.Database, queries: FleetReader) -> None:
    write_runs(database, (MIDNIGHT + timedelta(hours=hour) for hour in range(0, 24, 2)))
    (day,) = queries.analytics(Period.days(FIRST, FIRST), MIDNIGHT + timedelta(days=2)).bad_times
    assert (day.since, day.until, day.rate_percent, day.missed_runs) == (MIDNIGHT, midnight(FIRST) + DAY, 100, 12)


def test_an_empty_history_says_nothing(queries: FleetReader) -> None:
    found: Analytics = queries.analytics(Period.days(FIRST, LAST), NOW)
    assert (found.empty, found.before, found.known_since) == (True, None, None)
    assert (found.vessels, found.bad_times, found.outages, found.heat_map.rows) == ((), (), (), ())
    assert found.totals.runs_made_percent is None


def test_ten_years_take_as_many_queries_as_a_year_and_a_month(
    database: peewee.Database, history: History, queries: FleetReader
) -> None:
    counts = []
    for days in (30, 90, 365, 3000):
        with statements_sent(database) as statements:
            queries.analytics(Period.days(LAST - timedelta(days=days), LAST), NOW)
        counts.append(len(statements))
    assert len(set(counts)) == 1
    assert counts[0] < 60
