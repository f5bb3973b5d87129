"""Runs go on across the clock changes of a zone, and when somebody sets the machine's clock: a real process each."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from fleetdash.demo import DemoFleet
from fleetdash.demo.vessels import VesselProfile
from tests.support.faketime import FakedTime
from tests.support.waiting import wait_until

APP = Path(__file__).resolve().parents[2] / "app.py"
ZONES = (
    "Europe/Oslo", "America/New_York", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Auckland", "Africa/Cairo",
    "America/Santiago", "Asia/Beirut",
)  # fmt: skip


class Machine:
    """Serves a fleet of one vessel on a machine in a zone, from a moment on."""

    def __init__(self, folder: Path, zone: str, begin: datetime, every_minutes: int) -> None:
        self.folder = folder
        self.time = FakedTime(folder, begin, zone)
        self._fleet = DemoFleet(profiles=[VesselProfile("aurora")]).start()
        (folder / "fleetdash.toml").write_text(self._fleet.fleet_file())
        schedule = {"EVERY_MINUTES": str(every_minutes), "RUN_ON_START": "false", "TIMEZONE": zone}
        settings = {f"FLEETDASH_SCHEDULE__{key}": value for key, value in schedule.items()}
        with (folder / "log").open("w") as log:
            self._process = subprocess.Popen(
                [sys.executable, str(APP), "serve", "--port", "0"],
                cwd=folder,
                env=os.environ | self.time.environment | settings,
                stderr=log,
            )
        wait_until(lambda: "scheduling: next run" in self.log(), "the scheduler", seconds=30)

    def log(self) -> str:
        return (self.folder / "log").read_text()

    def made(self, count: int) -> None:
        """Wait until so many runs ended; an interval's half may have to pass for the last of them."""

        def all_ended() -> bool:
            with closing(sqlite3.connect(self.folder / "fleetdash-demo.db")) as database:
                query = "SELECT count(*) FROM scheduler_runs WHERE end_time IS NOT NULL"
                ended: int = database.execute(query).fetchone()[0]
                return ended == count

        wait_until(all_ended, f"the end of run {count}", seconds=70)

    def slots(self) -> list[datetime]:
        """Which slots were filled, in the order in which they were."""
        with closing(sqlite3.connect(self.folder / "fleetdash-demo.db")) as database:
            query = "SELECT due_at FROM scheduler_runs WHERE due_at IS NOT NULL ORDER BY id"
            return [datetime.fromtimestamp(due / 1000, UTC) for (due,) in database.execute(query)]

    def close(self) -> None:
        self._process.terminate()
        assert self._process.wait(10) == 0
        self._fleet.stop()


def nights(zone: str, year: int) -> Iterator[datetime]:
    """The moments at which the zone's clock changes."""
    hour = datetime(year, 1, 1, tzinfo=UTC)
    while hour.year == year:
        after = hour + timedelta(minutes=30)
        if hour.astimezone(ZoneInfo(zone)).utcoffset() != after.astimezone(ZoneInfo(zone)).utcoffset():
            yield after
        hour = after


def change(zone: str, season: str) -> datetime:
    return dict(zip(("spring", "autumn"), nights(zone, 2026), strict=False))[season]


@pytest.mark.parametrize(
    ("zone", "season"),
    [
        pytest.param(zone, season, marks=() if (zone, season) == ("Europe/Oslo", "autumn") else pytest.mark.long)
        for zone in ZONES
        for season in ("spring", "autumn")
    ],
)
def test_no_slot_is_lost_in_the_nights_of_the_clock_change(tmp_path: Path, zone: str, season: str) -> None:
    begin = change(zone, season) - timedelta(hours=1)
    quarter = timedelta(minutes=15)
    due = [begin + number * quarter for number in range(1, 10)]
    with closing(Machine(tmp_path, zone, begin + timedelta(minutes=1), 15)) as machine:
        for number, slot in enumerate(due, 1):
            machine.time.set(slot + timedelta(seconds=2))
            machine.made(number)
        assert machine.slots() == due


@pytest.mark.long
@pytest.mark.timeout(240)
def test_runs_go_on_at_the_slots_that_a_clock_set_back_shows_again(tmp_path: Path) -> None:
    begin, minute = datetime(2026, 6, 1, 12, 0, 10, tzinfo=UTC), timedelta(minutes=1)
    with closing(Machine(tmp_path, "UTC", begin, 1)) as machine:
        for number in (1, 2):
            machine.time.set(begin + number * minute)
            machine.made(number)
        machine.time.set(begin - 180 * minute)
        wait_until(lambda: "the clock was set back" in machine.log(), seconds=30)
        # time itself has to pass: a run that is seconds old stands for the slot that is shown again
        for number in (3, 4):
            machine.made(number)
        assert machine.slots() == [begin.replace(second=0) + m * minute for m in (1, 2, -179, -178)]
