"""Until when a status lasted: written with the next one, filled in where it is missing; held against a plain loop."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import peewee
import pytest

from fleetdash.domain.analytics.period import Period
from fleetdash.domain.runs import Trigger
from fleetdash.queries import FleetReader
from fleetdash.resources import MIGRATIONS
from fleetdash.storage.database import migrate
from fleetdash.storage.recorder import Recorder
from fleetdash.storage.rollups import rebuild_rollups
from fleetdash.storage.rows import fetch_tuples
from fleetdash.storage.schema import StatusChange
from fleetdash.storage.timestamps import to_ms
from fleetdash.storage.vessel_states import VesselStates
from tests.support.histories import MIDNIGHT, VESSELS, migrated
from tests.support.records import NOON, answer, down_for, failed, make_vessel, pinged, reached


@pytest.fixture
def database(database_url: str) -> Iterator[peewee.Database]:
    with migrated(database_url) as database:
        _write(database)
        yield database


def _write(database: peewee.Database) -> None:
    """Vessels and devices that come and go, in the order of time."""
    chance, states = random.Random(7), VesselStates(database)
    vessels = tuple(make_vessel(name, "10.0.0.1", "10.0.0.2") for name in VESSELS[:3])
    states.sync_fleet(vessels, MIDNIGHT)
    for minute in range(0, 1200, 15):
        vessel, at = chance.choice(vessels), MIDNIGHT + timedelta(minutes=minute)
        if chance.random() < 0.3:
            states.record_failure(vessel, failed(vessel.id, at=at, ended=True))
            continue
        down = {address for address in ("10.0.0.1", "10.0.0.2") if chance.random() < 0.4}
        pings = [
            down_for(address, timedelta(hours=1), at=at) if address in down else pinged(address, at=at)
            for address in ("10.0.0.1", "10.0.0.2")
        ]
        states.record_answer(vessel, answer(*pings, at=at), reached(vessel.id, at=at))


def ends(database: peewee.Database) -> dict[int, int | None]:
    with database.connection_context():
        return dict(fetch_tuples(StatusChange.select(StatusChange.id, StatusChange.ended_at)))


def ends_by_loop(database: peewee.Database) -> dict[int, int | None]:
    rows = StatusChange
    with database.connection_context():
        changes = fetch_tuples(rows.select(rows.id, rows.vessel, rows.ip_address, rows.changed_at).order_by(rows.id))
    found: dict[int, int | None] = {}
    newest: dict[tuple[str, str | None], int] = {}
    for change, vessel_id, address, at in changes:
        if (before := newest.get((vessel_id, address))) is not None:
            found[before] = at
        found[change] = None
        newest[vessel_id, address] = change
    return found


def test_a_status_ends_when_the_next_one_comes(database: peewee.Database) -> None:
    expected = ends_by_loop(database)
    assert sum(end is not None for end in expected.values()) > 30
    assert ends(database) == expected


def test_a_history_from_elsewhere_gets_its_ends(database: peewee.Database) -> None:
    expected = ends(database)
    with database.connection_context():
        StatusChange.update(ended_at=None).where(StatusChange.id.in_(list(expected)[::2])).execute()
        StatusChange.update(ended_at=5).where(StatusChange.id.in_(list(expected)[::5])).execute()
    assert ends(database) != expected
    rebuild_rollups(database)
    assert ends(database) == expected


def test_an_installation_without_ends_gets_them(database: peewee.Database) -> None:
    expected = ends(database)
    with database.connection_context():
        database.execute_sql("DROP INDEX status_changes_lasting")
        database.execute_sql("ALTER TABLE status_changes DROP COLUMN ended_at")
        database.execute_sql("CREATE INDEX status_changes_changed_at ON status_changes (changed_at)")
        database.execute_sql("DELETE FROM schema_migration WHERE name = '0007_status_ends'")
    assert migrate(database, Path(MIGRATIONS)) == ["0007_status_ends"]
    assert ends(database) == expected


AHEAD = timedelta(days=30)


def test_what_was_recorded_while_the_clock_was_ahead_is_dated_back(database_url: str) -> None:
    """Aurora is not reached from noon on, for three runs; shore's clock was 30 days ahead for the first one."""
    with migrated(database_url) as database:
        aurora, doris = make_vessel("aurora", "10.0.0.1"), make_vessel("doris")
        recorder, queries = Recorder(database, VesselStates(database)), FleetReader(database)
        recorder.fleet_changed((aurora, doris), NOON - timedelta(hours=1))

        def run(at: datetime, *, reaches_aurora: bool, skew: timedelta = timedelta()) -> None:
            run_id = recorder.run_started(Trigger.SCHEDULE, 2, at).run_id
            seconds = int(skew.total_seconds())
            recorder.attempt_ended(run_id, doris, reached("doris", at=at), answer(at=at, skew=seconds))
            good, bad = reached(at=at), failed(at=at, ended=True)
            given = answer(pinged("10.0.0.1", at=at), at=at, skew=seconds) if reaches_aurora else None
            recorder.attempt_ended(run_id, aurora, good if reaches_aurora else bad, given)
            recorder.run_completed(run_id, at)

        minutes = [NOON + timedelta(minutes=15 * number) for number in range(5)]
        run(NOON + AHEAD, reaches_aurora=False, skew=-AHEAD)
        for at in minutes[1:3]:
            run(at, reaches_aurora=False)
            assert queries.vessel("aurora").sync_status_since == NOON
        for at in minutes[3:]:
            run(at, reaches_aurora=True)
        (outage,) = queries.analytics(Period.days(NOON.date(), NOON.date()), NOON + timedelta(hours=2)).outages
        assert (outage.began_at, outage.ended_at) == (NOON, minutes[3])
        assert ends(database) == ends_by_loop(database)


def test_a_clock_that_is_behind_moves_nothing_that_was_recorded(database_url: str) -> None:
    with migrated(database_url) as database:
        aurora, recorder = make_vessel("aurora", "10.0.0.1"), Recorder(database, VesselStates(database))
        for day in range(4):
            at = NOON + timedelta(days=day)
            ping = pinged("10.0.0.1", at=at) if day % 2 else down_for("10.0.0.1", timedelta(hours=1), at=at)
            run_id = recorder.run_started(Trigger.SCHEDULE, 1, at).run_id
            recorder.attempt_ended(run_id, aurora, reached(at=at), answer(ping, at=at))
            recorder.run_completed(run_id, at)
        before = ends(database)
        recorder.run_started(Trigger.SCHEDULE, 1, NOON - AHEAD)
        assert ends(database) == before
        with database.connection_context():
            changed = {at for (at,) in fetch_tuples(StatusChange.select(StatusChange.changed_at))}
        assert changed == {to_ms(NOON + timedelta(days=day)) for day in range(4)}


def test_a_chain_dated_ahead_of_the_clock_is_not_newer_than_one_in_the_journal(database_url: str) -> None:
    with migrated(database_url) as database:
        vessel, states = make_vessel("aurora", "10.0.0.1"), VesselStates(database)
        states.record_failure(vessel, failed(at=NOON + timedelta(days=1), ended=True))
        waiting, now = reached(at=NOON), NOON + timedelta(minutes=20)
        assert not states.newer_than(waiting, now)
        states.record_failure(vessel, failed(at=NOON + timedelta(minutes=15), ended=True))
        assert states.newer_than(waiting, now)
