"""The day behind the demo, in the database that real runs are written to."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import peewee
import pytest

from fleetdash.config import settings
from fleetdash.demo import DemoFleet
from fleetdash.demo.behaviour import Reaction, always
from fleetdash.demo.history import ensure_history, replay, slots
from fleetdash.demo.replay_pool import client
from fleetdash.demo.stories import STORIES
from fleetdash.demo.vessels import VesselProfile
from fleetdash.demo.virtual_time import VirtualClock
from fleetdash.domain.clock import SystemClock
from fleetdash.domain.pings import QueryContext
from fleetdash.domain.runs import ErrorKind, Run, RunStatus, Trigger
from fleetdash.domain.status import ServiceStatus, SyncStatus
from fleetdash.errors import VesselQueryError
from fleetdash.monitoring.monitor import http_query
from fleetdash.queries import FleetReader
from fleetdash.storage.database import migrate, open_database
from fleetdash.storage.schema import StatusChange
from tests.support.clock import FakeClock

NOW = datetime(2024, 5, 17, 12, 7, 31, tzinfo=UTC)


@contextmanager
def demo(vessels: int = len(STORIES), seed: int = 1) -> Iterator[DemoFleet]:
    """A fleet that is not started: only its profiles and its fleet file are needed."""
    fleet = DemoFleet(vessels, seed, clock=FakeClock(NOW))
    yield fleet
    fleet.stop()


@contextmanager
def empty_database(folder: Path) -> Iterator[peewee.Database]:
    database = open_database(f"sqlite:///{folder / 'demo.db'}")
    migrate(database)
    yield database
    database.close()


def replayed(fleet: DemoFleet, database: peewee.Database, until: datetime = NOW, runs: int = 96) -> list[Run]:
    return replay(fleet, settings.parse(fleet.fleet_file(), {}), database, until, runs)


@dataclass
class Day:
    fleet: DemoFleet
    runs: list[Run]
    queries: FleetReader


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    """A whole day of a fleet in which every vessel has a story."""
    with empty_database(tmp_path_factory.mktemp("history")) as database, demo() as fleet:
        yield Day(fleet, replayed(fleet, database), FleetReader(database))


def test_every_slot_of_the_day_has_its_run(day: Day) -> None:
    due = [run.start_time for run in day.runs if run.trigger is Trigger.SCHEDULE]
    assert due == slots(NOW, 1)
    assert len(due) == 96
    assert due[-1] == datetime(2024, 5, 17, 12, 0, tzinfo=UTC)


def test_the_history_has_something_of_everything(day: Day) -> None:
    statuses = Counter(run.status for run in day.runs)
    assert statuses[RunStatus.COMPLETED] > 5
    assert statuses[RunStatus.PARTIAL] > 40
    assert (statuses[RunStatus.FAILED], statuses[RunStatus.INTERRUPTED]) == (1, 1)
    assert {run.trigger for run in day.runs} == set(Trigger)
    assert 1 <= sum(run.slow for run in day.runs) < 10


def test_runs_end_before_the_next_one_starts(day: Day) -> None:
    for earlier, later in pairwise(day.runs):
        assert earlier.end_time is not None
        assert earlier.start_time < earlier.end_time < later.start_time


def test_a_satellite_outage_lasted_an_hour(day: Day) -> None:
    reached = [run.successful_vessels for run in day.runs]
    begin = next(i for i, (before, now) in enumerate(pairwise(reached), start=1) if now < before - 3)
    assert all(count < reached[begin - 1] - 3 for count in reached[begin : begin + 4])
    assert reached[begin + 4] == reached[begin - 1]


def test_vessels_needed_their_retries_in_every_run_that_was_not_cut_short(day: Day) -> None:
    needed = {day.fleet.vessel_with(f"needs {word} retr{'y' if word == 'one' else 'ies'}"): count
              for count, word in enumerate(("one", "two", "three"), start=1)}  # fmt: skip
    ordinary = [run for run in day.runs[-10:] if run.status is not RunStatus.INTERRUPTED]
    for run in ordinary:
        summary = day.queries.run(run.run_id).retry_summary
        assert {vessel: summary[vessel] for vessel in needed} == needed


def test_the_run_that_was_cut_short_says_what_was_under_way(day: Day) -> None:
    (cut,) = (run for run in day.runs if run.status is RunStatus.INTERRUPTED)
    kinds = Counter(attempt.error_kind for attempt in day.queries.run(cut.run_id).attempts)
    assert kinds[ErrorKind.CANCELLED] >= 1
    assert cut.successful_vessels > 10


def test_unreachable_vessels_keep_what_was_known_of_them(day: Day) -> None:
    hanging = day.queries.vessel(day.fleet.vessel_with("never answers"))
    assert hanging.sync_status is SyncStatus.SYNC_FAILED
    assert hanging.last_sync_at is not None
    assert timedelta(hours=5) <= NOW - hanging.last_sync_at < timedelta(hours=5, minutes=15)
    assert hanging.last_attempt_at is not None
    assert NOW - hanging.last_attempt_at < timedelta(minutes=8)
    assert hanging.uptime_percent is not None


def test_the_server_went_down_three_hours_ago(day: Day) -> None:
    devices = day.queries.vessel(day.fleet.vessel_with("server down")).devices or ()
    since = {device.down_since for device in devices if device.component == "Server"}
    assert since == {(NOW - timedelta(hours=3)).replace(second=0)}


def test_clocks_that_are_off_are_known(day: Day) -> None:
    ahead = day.queries.vessel(day.fleet.vessel_with("clock two hours ahead"))
    assert ahead.clock_skew_seconds == pytest.approx(7200, abs=2)
    assert ahead.sync_status is SyncStatus.OPERATIONAL


def test_statuses_changed_when_the_trouble_began(day: Day) -> None:
    changes = StatusChange.select().where(
        StatusChange.vessel == day.fleet.vessel_with("unplugged"), StatusChange.ip_address.is_null()
    )
    newest = changes.order_by(StatusChange.id.desc()).get()
    assert newest.new_status == SyncStatus.SYNC_FAILED
    began = datetime.fromtimestamp(newest.changed_at / 1000, UTC)
    assert timedelta(hours=7, minutes=44) < NOW - began < timedelta(hours=8)


def test_an_outage_between_two_runs_is_a_change(day: Day) -> None:
    """25 minutes every 3 hours: one or two runs see it."""
    flapping = day.fleet.vessel_with("access points flapping")
    per_device = Counter(
        change.ip_address
        for change in StatusChange.select().where(
            StatusChange.vessel == flapping, StatusChange.new_status == SyncStatus.DOWN
        )
    )
    assert set(per_device.values()) == {8}


def test_timelines_end_with_the_status_that_the_badges_show(day: Day) -> None:
    for vessel in day.queries.fleet(include_devices=True).vessels:
        if vessel.sync_status is not SyncStatus.SYNC_FAILED:
            timeline = day.queries.vessel_timeline(vessel.vessel_id, NOW - timedelta(days=1), NOW)
            drawn = {device.ip_address: device.spans[-1].status for device in timeline.devices}
            assert drawn
            assert drawn == {device.ip_address: device.sync_status for device in vessel.devices or ()}


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("later", [timedelta(), timedelta(hours=3), timedelta(days=5, hours=7)])
def test_every_state_is_there_whatever_the_seed_and_however_long_it_runs(
    tmp_path: Path, seed: int, later: timedelta
) -> None:
    with demo(seed=seed) as fleet, empty_database(tmp_path) as database:
        replayed(fleet, database, NOW - timedelta(days=1), runs=1)  # what was known before the trouble
        replayed(fleet, database, NOW + later, runs=1)
        report = FleetReader(database).fleet(include_devices=True)
    devices = {device.sync_status for vessel in report.vessels for device in vessel.devices or ()}
    assert devices == set(SyncStatus) - {SyncStatus.PARTIAL_SYNC}
    assert {vessel.sync_status for vessel in report.vessels} == set(SyncStatus) - {SyncStatus.DOWN}
    assert {vessel.status for vessel in report.vessels} == set(ServiceStatus)


def test_the_same_seed_and_moment_make_the_same_history(tmp_path: Path) -> None:
    histories = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        with demo(vessels=12) as fleet, empty_database(tmp_path / name) as database:
            histories.append(replayed(fleet, database, runs=8))
    assert histories[0] == histories[1]


def test_history_is_written_once(tmp_path: Path) -> None:
    with demo(vessels=2) as fleet, empty_database(tmp_path) as database:
        config = settings.parse(fleet.fleet_file(), {})
        ensure_history(fleet, config, database, FakeClock(NOW))
        newest = FleetReader(database).newest_run()
        ensure_history(fleet, config, database, FakeClock(NOW + timedelta(days=1)))
        assert newest is not None
        assert FleetReader(database).newest_run() == newest


def test_a_large_fleet_has_a_shorter_past() -> None:
    assert len(slots(NOW, 66)) == 96
    assert len(slots(NOW, 2000)) == 3
    assert len(slots(NOW, 50_000)) == 1


@pytest.mark.parametrize("reaction", [each for each in Reaction if each is not Reaction.ANSWER])
def test_failures_in_process_are_those_over_http(reaction: Reaction) -> None:
    with DemoFleet(profiles=[VesselProfile("aurora", behaviour=always(reaction))]) as fleet:
        config = settings.parse(fleet.fleet_file(), {"FLEETDASH_QUERY__TIMEOUT_SECONDS": "0.3"})
        (asked,), (vessel,) = config.targets, fleet.vessels.values()
        with pytest.raises(VesselQueryError) as over_http:
            http_query(config, SystemClock())(asked, QueryContext())
        with pytest.raises(VesselQueryError) as in_process:
            client(vessel, reaction, VirtualClock(NOW)).ask(asked, QueryContext())
    failures = [(type(error.value), str(error.value), error.value.retry_after) for error in (over_http, in_process)]
    assert failures[0] == failures[1]


def test_a_history_that_is_cut_short_leaves_nothing(tmp_path: Path) -> None:
    with demo(vessels=2) as fleet, empty_database(tmp_path) as database:
        config = settings.parse(fleet.fleet_file() + '[[vessels]]\nid = "not-simulated"\n', {})
        with pytest.raises(KeyError, match="not-simulated"):
            replay(fleet, config, database, NOW, runs=2)
        assert FleetReader(database).newest_run() is None
