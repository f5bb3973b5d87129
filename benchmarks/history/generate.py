"""Histories in SQLite files, made by SQL of the figures that a fleet of 66 has; kept between benchmarks."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import peewee
from playhouse.pool import PooledDatabase

from fleetdash.domain.fleet import Device, Vessel
from fleetdash.domain.pings import PingSummary, VesselAnswer, ping_hours
from fleetdash.domain.runs import Attempt
from fleetdash.queries import FleetReader
from fleetdash.storage import schema
from fleetdash.storage.database import migrate, open_database
from fleetdash.storage.timestamps import to_ms
from fleetdash.storage.vessel_states import VesselStates

VERSION = 5
"""Raise it when what is made, or the schema, changes: kept files are then made again."""
END = datetime(2026, 11, 1, tzinfo=UTC)
VESSELS = tuple(
    Vessel(f"vessel{n:03}", f"Vessel {n}", tuple(Device(f"10.0.0.{d}", f"Component {d % 3}") for d in range(9)))
    for n in range(1, 67)
)
RUNS_A_STATEMENT = 1_000
CHANGES_A_DAY = 2


@dataclass(frozen=True, slots=True)
class Shape:
    """How many runs, and how far apart."""

    name: str
    runs: int
    apart: timedelta


LONG = Shape("70,000 runs", 70_000, timedelta(minutes=15))
SHORT = Shape("1,000 runs, 15 min apart", 1_000, timedelta(minutes=15))
SPARSE = Shape("1,000 runs over the same two years", 1_000, timedelta(minutes=15) * 70)


@dataclass(frozen=True, slots=True)
class History:
    """A database and how to read it."""

    shape: Shape
    file: Path
    database: peewee.Database
    queries: FleetReader

    def use(self) -> None:
        """The models are bound to one database at a time."""
        schema.database.initialize(self.database)


def history(shape: Shape) -> tuple[History, bool]:
    """The kept one, or a new one without rollups; says whether it is new."""
    file = (
        Path(tempfile.gettempdir()) / f"fleetdash-history-{VERSION}-{shape.runs}-{shape.apart.total_seconds():.0f}.db"
    )
    new = not file.exists()
    if new:
        making = file.with_suffix(".making")
        for left in making.parent.glob(making.name + "*"):
            left.unlink()
        database = open_database(f"sqlite:///{making}")
        migrate(database)
        _fleet(database)
        assert isinstance(database, PooledDatabase)
        database.close_all()  # the file gets another name
        _fill(making, shape)
        making.rename(file)
    database = open_database(f"sqlite:///{file}")
    return History(shape, file, database, FleetReader(database)), new


def answer(at: datetime, devices: int = 9) -> VesselAnswer:
    """All devices answer, always."""
    cells = ping_hours(at - timedelta(days=1), at, timedelta(minutes=1), {})
    hours = ping_hours(at - timedelta(days=1), at, timedelta(minutes=1), {c.start: (c.expected,) * 2 for c in cells})
    return VesselAnswer(at, tuple(PingSummary(f"10.0.0.{d}", hours, 12.5, at, at) for d in range(devices)), 0)


def _fleet(database: peewee.Database) -> None:
    states = VesselStates(database)
    states.sync_fleet(VESSELS, END)
    for vessel in VESSELS:
        states.record_answer(vessel, answer(END), Attempt(vessel.id, 1, True, 0.5, 0.0, END))


def _fill(file: Path, shape: Shape) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = off")
        connection.execute("PRAGMA cache_size = -200000")
        connection.executemany(
            "INSERT INTO scheduler_runs (start_time, end_time, due_at, trigger, status, total_vessels,"
            " duration_seconds) VALUES (?, ?, ?, 'schedule', ?, 66, ?)",
            _runs(shape),
        )
        for first in range(1, shape.runs + 1, RUNS_A_STATEMENT):
            for number in range(1, 5):
                connection.execute(_ATTEMPTS, {"number": number, "first": first, "end": first + RUNS_A_STATEMENT})
        days = max(1, shape.runs * shape.apart // timedelta(days=1))
        connection.execute(_CHANGES, {"changes": days * CHANGES_A_DAY, "end": to_ms(END), "days": days})
        connection.execute(_COMPONENT_DAYS)
        connection.execute(_VESSEL_DAYS)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _runs(shape: Shape) -> Iterator[tuple[int, int, int, str, float]]:
    """A quarter reaches all vessels, one in 200 is interrupted; durations from 20 to 60 s, now and then longer."""
    for place in range(shape.runs):
        start = to_ms(END - shape.apart * (shape.runs - place))
        seconds = 20 + place * 7919 % 4000 / 100 + (60 if place % 97 == 0 else 0)
        status = "interrupted" if place % 200 == 7 else "completed" if (place + 1) % 4 == 0 else "partial"
        yield start, start + round(seconds * 1000), start, status, seconds


# of a thousand chains 60 need a second attempt; 30 of these fail to the end, but for every fourth run
_ATTEMPTS = """
INSERT INTO scheduler_vessel_results (run_id, vessel_id, attempt_number, kind, success, query_duration_seconds,
                                      backoff_seconds, error_kind, error_message, timestamp)
SELECT run_id, vessel_id, :number, CASE :number WHEN 1 THEN 'initial' ELSE 'retry' END, success, 0.3 + dice / 1500.0,
       (1 << :number) / 4 * 1.0, iif(success, NULL, 'timeout'), iif(success, NULL, 'no complete answer in 30 s'),
       start_time + :number * 4000 + dice
FROM (SELECT run_id, vessel_id, dice, start_time,
             CASE :number WHEN 1 THEN dice >= 60 WHEN 2 THEN dice >= 30 OR run_id % 4 = 0 ELSE 0 END AS success
      FROM (SELECT r.id AS run_id, v.id AS vessel_id, r.start_time,
                   (r.id * 1103515245 + v.position * 1299709 + r.id * v.position * 7919) / 64 % 1000 AS dice
            FROM scheduler_runs r CROSS JOIN vessels v WHERE r.id >= :first AND r.id < :end)
      WHERE CASE :number WHEN 1 THEN 1 WHEN 2 THEN dice < 60 ELSE dice < 30 AND run_id % 4 != 0 END)
ORDER BY run_id
"""

# down and up again by turns, so that each day of each vessel has an outage
_CHANGES = """
INSERT INTO status_changes (vessel_id, ip_address, changed_at, old_status, new_status)
WITH RECURSIVE change (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM change WHERE number < :changes)
SELECT vessels.id, '10.0.0.1', :end - :days * 86400000 + number * (86400000 * :days / :changes),
       iif(number % 2, 'operational', 'down'), iif(number % 2, 'down', 'operational')
FROM change CROSS JOIN vessels
"""

# what the end of each run would have added of components and vessels that were judged; no other program brings it in
_COMPONENT_DAYS = """
INSERT INTO component_days (day, component, judged, compliant, uptime_percent_sum)
SELECT day, 'Component ' || column1, 66 * runs, 65 * runs, 66 * runs * 99.5
FROM (SELECT start_time / 86400000 AS day, COUNT(*) AS runs FROM scheduler_runs GROUP BY 1)
CROSS JOIN (VALUES (0), (1), (2))
"""
_VESSEL_DAYS = """
INSERT INTO vessel_sla_days (day, vessel_id, judged, compliant, uptime_percent_sum, coverage_percent_sum)
SELECT day, vessels.id, runs, runs - (day + vessels.position) % 2, runs * 99.5, runs * 98.0
FROM (SELECT start_time / 86400000 AS day, COUNT(*) AS runs FROM scheduler_runs GROUP BY 1) CROSS JOIN vessels
"""
