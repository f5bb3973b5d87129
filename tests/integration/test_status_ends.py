"""Until when a status lasted: written with the next one, filled in where it is missing; held against a plain loop."""

import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import peewee
import pytest

from fleetdash.domain.analytics.period import Period
from fleetdash.queries import FleetReader
from fleetdash.resources import MIGRATIONS
from fleetdash.storage.database import migrate
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


def test_what_is_dated_ahead_of_the_clock_is_dated_back_with_the_next_answer(database_url: str) -> None:
    """Down at noon, recorded while shore's clock was 30 days ahead; still down 15 minutes later, then up."""
    with migrated(database_url) as database:
        vessel, states = make_vessel("aurora", "10.0.0.1"), VesselStates(database)
        ahead, minutes = NOON + timedelta(days=30), [NOON + timedelta(minutes=15 * number) for number in range(4)]
        states.sync_fleet((vessel,), NOON - timedelta(hours=1))
        states.record_failure(vessel, failed(at=ahead, ended=True))
        for at in minutes[:2]:
            states.record_failure(vessel, failed(at=at, ended=True))
            assert FleetReader(database).vessel("aurora").sync_status_since == NOON
        for at in minutes[2:]:
            states.record_answer(vessel, answer(pinged("10.0.0.1", at=at), at=at), reached(at=at))
        period = Period.days(NOON.date(), NOON.date())
        (outage,) = FleetReader(database).analytics(period, NOON + timedelta(hours=2)).outages
        assert (outage.began_at, outage.ended_at) == (NOON, minutes[2])
        with database.connection_context():
            lasted = fetch_tuples(StatusChange.select(StatusChange.changed_at, StatusChange.ended_at))
        assert all(began <= to_ms(minutes[3]) for began, _ in lasted)
        assert all(ended is None or began <= ended <= to_ms(minutes[3]) for began, ended in lasted)


def test_a_chain_dated_ahead_of_the_clock_is_not_newer_than_one_in_the_journal(database_url: str) -> None:
    with migrated(database_url) as database:
        vessel, states = make_vessel("aurora", "10.0.0.1"), VesselStates(database)
        states.record_failure(vessel, failed(at=NOON + timedelta(days=1), ended=True))
        waiting, now = reached(at=NOON), NOON + timedelta(minutes=20)
        assert not states.newer_than(waiting, now)
        states.record_failure(vessel, failed(at=NOON + timedelta(minutes=15), ended=True))
        assert states.newer_than(waiting, now)
