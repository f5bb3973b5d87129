"""`run-once` from cron fills the slot that it was made for: real processes at times that the test sets."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.faketime import FakedTime
from tests.support.servers import free_port

APP = Path(__file__).resolve().parents[2] / "app.py"
MIDNIGHT = datetime(2026, 6, 1, tzinfo=UTC)


class Cron:
    """A machine without a service: commands at a time of day, on a fleet of one vessel that does not answer."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._time = FakedTime(folder, MIDNIGHT, "UTC")
        url = f"http://127.0.0.1:{free_port()}"
        text = f'[retry]\nmax_retries = 0\n[schedule]\nevery_minutes = 15\n[[vessels]]\nid = "aurora"\nurl = "{url}"\n'
        (folder / "fleetdash.toml").write_text(text)

    def at(self, clock: str, *command: str, code: int = 0) -> None:
        """`clock`: "00:15:05"."""
        hours, minutes, seconds = map(int, clock.split(":"))
        self._time.set(MIDNIGHT + timedelta(hours=hours, minutes=minutes, seconds=seconds))
        environment = {k: v for k, v in os.environ.items() if not k.startswith("FLEETDASH_")} | self._time.environment
        done = subprocess.run(
            [sys.executable, str(APP), *command],
            cwd=self._folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == code, done.stderr

    def report(self, clock: str) -> str:
        self.at(clock, "report", "--since", "2026-06-01", "--until", "2026-06-01", "report.html")
        return (self._folder / "report.html").read_text()

    def runs(self) -> list[tuple[str, str | None]]:
        """Trigger and slot of each run."""
        with closing(sqlite3.connect(self._folder / "fleetdash.db")) as database:
            query = "SELECT trigger, strftime('%H:%M', due_at / 1000, 'unixepoch') FROM scheduler_runs ORDER BY id"
            return database.execute(query).fetchall()


@pytest.fixture
def cron(tmp_path: Path) -> Cron:
    return Cron(tmp_path)


def test_the_report_counts_runs_from_cron_and_no_slot_twice(cron: Cron) -> None:
    for clock in ("00:15:05", "00:17:00", "00:30:04"):
        cron.at(clock, "run-once", code=1)
    assert cron.runs() == [("manual", "00:15"), ("manual", None), ("manual", "00:30")]
    assert "100 % of the scheduled runs were made" in cron.report("00:40:00")
    cron.at("01:00:03", "run-once", code=1)
    assert "75.0 % of the scheduled runs were made" in cron.report("01:10:00")
