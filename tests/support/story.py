"""Half a year of a fleet of 66, with things in it that a manager ought to find; made in a minute.

`python -m tests.support.story FOLDER` writes a database and the fleet file that serves it (with `--no-scheduler`).
"""

import random
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import peewee

from fleetdash.demo.names import name_of
from fleetdash.domain.fleet import Device, Vessel
from fleetdash.domain.pings import PingSummary, VesselAnswer, ping_hours
from fleetdash.domain.runs import Attempt, ErrorKind
from fleetdash.storage.rollups import rebuild_rollups
from fleetdash.storage.schema import ComponentDayRow, SchedulerRunLog, StatusChange, VesselQueryResult, VesselSlaDayRow
from fleetdash.storage.timestamps import to_ms
from fleetdash.storage.vessel_states import VesselStates
from tests.support import present
from tests.support.histories import migrated

DEVICES = (
    *(Device(f"192.168.1.{host}", "Access Point") for host in (1, 2, 3)),
    Device("192.168.1.43", "Dashboard"),
    Device("192.168.1.60", "Server"),
)
LOCKED_OUT, LOOSE_DISH, BROKEN_SERVER = "vessel017", "vessel041", "vessel058"
"""Its password is refused; it is reached half of the time; its server is down: the three that need a visit."""
BROKEN_FOR, LOCKED_FOR, LOOSE_FOR = timedelta(days=13), timedelta(days=9), timedelta(days=21)
SHORT_TROUBLES = {"vessel003": (30, 2), "vessel024": (11, 1), "vessel039": (52, 3), "vessel050": (74, 2)}
"""Days ago, and for how many days the dashboard was down."""
MESSAGES = {
    ErrorKind.TIMEOUT: "no complete answer in 30 s",
    ErrorKind.CONNECTION: "connection refused",
    ErrorKind.AUTHENTICATION: "HTTP 401: authorization failed",
}


def fleet(size: int = 66) -> tuple[Vessel, ...]:
    return tuple(Vessel(f"vessel{n:03}", name_of(n), DEVICES) for n in range(1, size + 1))


@dataclass
class Story:
    """What happens when, counted back from `now`."""

    now: datetime
    days: int = 190
    every: timedelta = timedelta(minutes=30)
    size: int = 66
    chance: random.Random = field(default_factory=lambda: random.Random(6))

    @property
    def bad_day(self) -> datetime:
        """The midnight three days ago: over, and within the last seven days whatever today is."""
        return (self.now - timedelta(days=3)).replace(hour=0, minute=0, second=0, microsecond=0)

    @property
    def gap(self) -> tuple[datetime, datetime]:
        """Five hours without any run."""
        start = self.bad_day + timedelta(days=1, hours=3)
        return start, start + timedelta(hours=5)

    def slots(self) -> Iterator[datetime]:
        midnight = self.now.replace(hour=0, minute=0, second=0, microsecond=0)
        slot = midnight - timedelta(days=self.days)
        long_gap = midnight - timedelta(days=52)
        while slot <= self.now - timedelta(minutes=5):
            within = self.gap[0] <= slot < self.gap[1] or long_gap <= slot < long_gap + timedelta(days=2)
            if not within:
                yield slot
            slot += self.every

    def failure(self, vessel_id: str, slot: datetime) -> tuple[float, ErrorKind]:
        """How likely an attempt fails, and how."""
        ago = self.now - slot
        if vessel_id == LOCKED_OUT and ago < LOCKED_FOR:
            return 1.0, ErrorKind.AUTHENTICATION
        if self.storm(slot):
            return 0.9, ErrorKind.TIMEOUT
        if vessel_id == LOOSE_DISH and ago < LOOSE_FOR:
            return 0.85, ErrorKind.CONNECTION
        base = 0.34 if ago > timedelta(days=95) else 0.26 if ago > timedelta(days=31) else 0.2
        return base * (0.6 + int(vessel_id[-2:]) % 7 / 7), ErrorKind.TIMEOUT

    def storm(self, slot: datetime) -> bool:
        """The shore's own link was down."""
        return timedelta(hours=9) <= slot - self.bad_day < timedelta(hours=16)

    def broken(self, vessel_id: str, slot: datetime) -> str | None:
        """The component that is down."""
        ago = self.now - slot
        if vessel_id == BROKEN_SERVER and ago < BROKEN_FOR:
            return "Server"
        first, length = SHORT_TROUBLES.get(vessel_id, (0, 0))
        return "Dashboard" if timedelta(days=first - length) < ago <= timedelta(days=first) else None


def write_story(database: peewee.Database, story: Story) -> None:
    """Runs, attempts, verdicts and changes of statuses; then whatever is derived from them."""
    vessels = fleet(story.size)
    states = VesselStates(database)
    slots = list(story.slots())
    states.sync_fleet(vessels, slots[0])
    for vessel in vessels:
        states.record_answer(vessel, _answer(story, vessel, slots[0]), _reached(vessel, slots[0]))
    _write_runs(database, story, vessels, slots)
    newest = slots[-1]
    for vessel in vessels:
        if vessel.id == LOCKED_OUT:
            kind = ErrorKind.AUTHENTICATION
            states.record_failure(vessel, Attempt(vessel.id, 1, False, 0.4, 0.0, newest, kind, MESSAGES[kind]))
        else:
            states.record_answer(vessel, _answer(story, vessel, newest), _reached(vessel, newest))
    with database.connection_context():
        # the story's own changes say it already
        StatusChange.delete().where(StatusChange.changed_at == to_ms(newest)).execute()
    rebuild_rollups(database)
    _write_verdicts(database, story, vessels, slots)


def _reached(vessel: Vessel, at: datetime) -> Attempt:
    return Attempt(vessel.id, 1, True, 0.8, 0.0, at)


def _answer(story: Story, vessel: Vessel, at: datetime) -> VesselAnswer:
    broken, day = story.broken(vessel.id, at), timedelta(days=1)
    cells = ping_hours(at - day, at, timedelta(minutes=1), {})
    pings = []
    for device in vessel.devices:
        down = device.component == broken
        counts = {cell.start: (cell.expected, 0 if down else cell.expected) for cell in cells}
        hours = ping_hours(at - day, at, timedelta(minutes=1), counts)
        answered = at - BROKEN_FOR if down else at
        unanswered = answered + timedelta(minutes=1) if down else None
        pings.append(PingSummary(device.ip_address, hours, 22.5, at, answered, first_unanswered_at=unanswered))
    return VesselAnswer(at, tuple(pings), 0)


def _write_runs(database: peewee.Database, story: Story, vessels: tuple[Vessel, ...], slots: list[datetime]) -> None:
    failing: dict[str, bool] = {}
    down: dict[str, str | None] = {}
    for number, slot in enumerate(slots, 1):
        attempts: list[tuple[object, ...]] = []
        changes: list[tuple[object, ...]] = []
        longest = 0.0
        reached = 0
        for vessel in vessels:
            chain, seconds = _chain(story, vessel.id, slot, number)
            attempts += chain
            longest = max(longest, seconds)
            failed = not chain[-1][4]
            reached += not failed
            if failed != failing.get(vessel.id, False):
                words = ("operational", "sync_failed")
                changes.append((vessel.id, None, to_ms(slot), words[not failed], words[failed]))
                failing[vessel.id] = failed
            broken = story.broken(vessel.id, slot)
            if not failed and broken != down.get(vessel.id):
                for device in vessel.devices:
                    if device.component in (broken, down.get(vessel.id)):
                        words = ("down", "operational") if broken is None else ("operational", "down")
                        changes.append((vessel.id, device.ip_address, to_ms(slot), *words))
                down[vessel.id] = broken
        seconds = 14 + longest * 0.8 + story.chance.random() * 6 + (60 if number % 97 == 0 else 0)
        status = "interrupted" if number % 911 == 0 else "completed" if reached == len(vessels) else "partial"
        with database.connection_context(), database.atomic():
            SchedulerRunLog.insert(
                id=number, start_time=to_ms(slot), end_time=to_ms(slot) + round(seconds * 1000), due_at=to_ms(slot),
                trigger="schedule", status=status, total_vessels=len(vessels), duration_seconds=seconds,
            ).execute()  # fmt: skip
            _insert(database, VesselQueryResult, _ATTEMPT, attempts)
            _insert(database, StatusChange, _CHANGE, changes)


_ATTEMPT = (
    "run_id", "vessel_id", "attempt_number", "kind", "success", "query_duration_seconds", "backoff_seconds",
    "error_kind", "error_message", "timestamp", "chain_ended",
)  # fmt: skip
_CHANGE = ("vessel_id", "ip_address", "changed_at", "old_status", "new_status")


def _insert(
    database: peewee.Database, model: type[peewee.Model], columns: tuple[str, ...], rows: list[tuple[object, ...]]
) -> None:
    table = model._meta.table_name
    marks = ", ".join("?" * len(columns))
    database.connection().executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)


def _chain(story: Story, vessel_id: str, slot: datetime, number: int) -> tuple[list[tuple[object, ...]], float]:
    likely, kind = story.failure(vessel_id, slot)
    rows: list[tuple[object, ...]] = []
    passed = 0.0
    for attempt in range(1, 5):
        wait = 0.0 if attempt == 1 else float(2 ** (attempt - 2))
        success = story.chance.random() >= likely
        ended = success or attempt == 4 or kind is ErrorKind.AUTHENTICATION
        took = 30.0 if not success and kind is ErrorKind.TIMEOUT and story.storm(slot) else 0.3 + story.chance.random()
        passed += wait + took
        told = (None, None) if success else (kind.value, MESSAGES[kind])
        name = "initial" if attempt == 1 else "retry"
        at = to_ms(slot) + round(passed * 1000)
        rows.append((number, vessel_id, attempt, name, success, took, wait, *told, at, ended))
        if ended:
            break
    return rows, passed


def _write_verdicts(
    database: peewee.Database, story: Story, vessels: tuple[Vessel, ...], slots: list[datetime]
) -> None:
    """What the end of each run would have added; a vessel's verdict follows what is broken on it."""
    days: dict[tuple[int, str], list[float]] = defaultdict(lambda: [0, 0, 0.0, 0.0])
    parts: dict[tuple[int, str], list[float]] = defaultdict(lambda: [0, 0, 0.0])
    for slot in slots:
        day = to_ms(slot) // 86_400_000
        for vessel in vessels:
            if vessel.id == LOCKED_OUT and story.now - slot < LOCKED_FOR:
                continue
            broken = story.broken(vessel.id, slot)
            coverage = 62.0 if vessel.id == LOOSE_DISH and story.now - slot < LOOSE_FOR else 99.4
            mine = days[day, vessel.id]
            for place, value in enumerate((1, broken is None, 66.7 if broken else 99.6, coverage)):
                mine[place] += value
            for component in ("Access Point", "Dashboard", "Server"):
                part = parts[day, component]
                for place, value in enumerate((1, component != broken, 0.0 if component == broken else 99.6)):
                    part[place] += value
    with database.connection_context(), database.atomic():
        names = ("judged", "compliant", "uptime_percent_sum", "coverage_percent_sum")
        vessel_rows = [{"day": d, "vessel_id": v, **dict(zip(names, s, strict=True))} for (d, v), s in days.items()]
        part_rows = [{"day": d, "component": c, **dict(zip(names, s, strict=False))} for (d, c), s in parts.items()]
        for batch in peewee.chunked(vessel_rows, 500):
            VesselSlaDayRow.insert_many(batch).execute()
        for batch in peewee.chunked(part_rows, 500):
            ComponentDayRow.insert_many(batch).execute()


def fleet_file(database: Path) -> str:
    """The fleet file of the story; its vessels are nowhere, so it is for `--no-scheduler` only."""
    lines = [f'[database]\nurl = "sqlite:///{database}"', "[schedule]\nevery_minutes = 30"]
    lines += ['[influxdb]\nurl = "http://127.0.0.1:9"\ndatabase = "{vessel_id}"', "[components]"]
    for component in ("Access Point", "Dashboard", "Server"):
        addresses = [device.ip_address for device in DEVICES if device.component == component]
        lines.append(f'"{component}" = {addresses}'.replace("'", '"'))
    lines += [f'[[vessels]]\nid = "{vessel.id}"\nname = "{vessel.name}"' for vessel in fleet()]
    return "\n".join(lines) + "\n"


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    file = folder.resolve() / "story.db"
    with migrated(f"sqlite:///{file}") as database:
        database.execute_sql("PRAGMA synchronous = off")
        write_story(database, Story(present.now()))
    (folder / "fleetdash.toml").write_text(fleet_file(file))


if __name__ == "__main__":
    main()
