"""kill -9 at random moments of a run: real processes, real vessels, and what these counted as answered.

What may be missing after a kill: answers that had left their vessel but whose attempt had not ended, or had ended and
waited behind another one's commit. An attempt is committed before anything follows from it, so per vessel that is one
answer at most; and it is committed at once, so an answer a second old (R2.2) is never among them.
"""

import random
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.support.raw_vessel import Conduct, RawVessel, http, nothing_recorded
from tests.support.servers import free_port
from tests.support.waiting import wait_until

APP = Path(__file__).resolve().parents[2] / "app.py"
ANSWER = http("200 OK", nothing_recorded())
BROKEN = http("503 Service Unavailable")

KILLS = 50
LANES = 5
SERVING_LANES = 1
"""In so many the process that is killed is the one that serves; it takes longer to begin a run."""
LONGEST_SECONDS = 2.0
WINDOW_SECONDS = 1.0

VESSELS = {f"steady{number}": 0 for number in range(8)} | {"flaky1": 1, "flaky2": 2, "lost": 9}
"""How often each fails before it answers; `anchor`, which answers only when told, holds every run open."""

Attempt = tuple[str, int]


@dataclass
class Deck:
    """What the vessels saw of one run: the moments at which an attempt's request came and its answer was out."""

    asked: dict[Attempt, float] = field(default_factory=dict)
    answered: dict[Attempt, float] = field(default_factory=dict)
    begun: threading.Event = field(default_factory=threading.Event)

    def take(self, vessel: str) -> Attempt:
        attempt = (vessel, 1 + sum(asked == vessel for asked, _ in self.asked))
        self.asked[attempt] = time.monotonic()
        self.begun.set()
        return attempt


class Lane:
    """One database, one fleet, and the processes that are killed over it one after the other."""

    def __init__(self, folder: Path, seed: int, stack: ExitStack, command: str) -> None:
        folder.mkdir()
        self.command = command
        self.folder = folder
        self.chance = random.Random(seed)
        self.deck = Deck()
        self.release = threading.Event()
        self.spared = 0
        self.checked = 0
        self._stack = stack
        self._vessels = vessels = {
            name: stack.enter_context(RawVessel(self._conduct(name))) for name in (*VESSELS, "anchor")
        }
        tables = [f'[[vessels]]\nid = "{name}"\nurl = "{vessel.url}"' for name, vessel in vessels.items()]
        head = (
            '[database]\nurl = "sqlite:///fleetdash.db"\n[retry]\nmax_retries = 3\nbackoff_seconds = [0.02]\n'
            '[influxdb]\ndatabase = "vessel"\n[components]\n"Server" = ["10.0.0.1"]\n'
        )
        (folder / "fleetdash.toml").write_text(head + "\n".join(tables))

    def start(self, command: str) -> subprocess.Popen[bytes]:
        self.deck = Deck()
        arguments = [command, "--port", str(free_port())] if command == "serve" else [command]
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen([sys.executable, str(APP), *arguments], cwd=self.folder, stdout=log, stderr=log)
        self._stack.callback(process.wait)
        self._stack.callback(process.kill)  # does nothing to one that has ended
        wait_until(
            lambda: self.deck.begun.is_set() or process.poll() is not None, "the run's first request", seconds=60
        )
        assert process.poll() is None, (self.folder / "log").read_text()
        return process

    def kill_one(self) -> None:
        """Start a run, kill it at a random moment, and hold what is left against what the vessels saw."""
        left = self.rows() if (self.folder / "fleetdash.db").exists() else None
        process = self.start(self.command)
        if left is not None:
            self.assert_interrupted(left)
        deck = self.deck
        threading.Event().wait(self.chance.uniform(0, LONGEST_SECONDS))
        killed_at = time.monotonic()
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        assert ("anchor", 1) not in deck.answered  # so it lay inside the run
        assert self.query("PRAGMA integrity_check") == [("ok",)]
        assert self.query("SELECT status FROM scheduler_runs ORDER BY id DESC LIMIT 1") == [("running",)]
        self.assert_nothing_lost(deck, killed_at)

    def assert_nothing_lost(self, deck: Deck, killed_at: float) -> None:
        recorded = set(self.rows())
        asked, answered = dict(deck.asked), dict(deck.answered)
        assert recorded <= asked.keys()
        for vessel, number in asked:
            # asked again only after the failure before it was committed
            assert number == 1 or (vessel, number - 1) in recorded
        out = {attempt: moment for attempt, moment in answered.items() if moment < killed_at}
        missing = {attempt: killed_at - moment for attempt, moment in out.items() if attempt not in recorded}
        assert all(age < WINDOW_SECONDS for age in missing.values()), missing
        self.spared += len(missing)
        self.checked += len(out)

    def assert_interrupted(self, left: list[Attempt]) -> None:
        """The next run is under way: the one before is closed, with all that it had reached."""
        (run_id, status, reached, message) = self.query(
            "SELECT id, status, successful_vessels, error_message FROM scheduler_runs ORDER BY id DESC LIMIT 1 OFFSET 1"
        )[0]
        assert status == "interrupted"
        assert message
        assert self.rows(run_id) == left
        success = self.query(f"SELECT count(*) FROM scheduler_vessel_results WHERE run_id = {run_id} AND success")
        assert success == [(reached,)]

    def end_well(self) -> str:
        """The next run is made, to its end."""
        left = self.rows()
        self.release.set()
        process = self.start("run-once")
        assert process.wait(30) == 1  # `lost` is
        self.assert_interrupted(left)
        return str(self.query("SELECT status FROM scheduler_runs ORDER BY id DESC LIMIT 1")[0][0])

    def rows(self, run_id: int | None = None) -> list[Attempt]:
        """The attempts of a run, the newest unless named, in the order in which they were recorded."""
        which = "(SELECT max(id) FROM scheduler_runs)" if run_id is None else str(run_id)
        query = "SELECT vessel_id, attempt_number FROM scheduler_vessel_results WHERE run_id ="
        return [(str(vessel), int(number)) for vessel, number in self.query(f"{query} {which} ORDER BY id")]

    def query(self, text: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.folder / "fleetdash.db")) as database:
            return database.execute(text).fetchall()

    def _conduct(self, name: str) -> Conduct:
        def conduct(connection: socket.socket) -> None:
            if b"SHOW" in self._vessels[name].requests[-1]:
                connection.sendall(ANSWER)  # the fields are looked up once a vessel has answered: no attempt
                return
            deck = self.deck
            attempt = deck.take(name)
            if name == "anchor":
                self.release.wait(60)
            else:
                threading.Event().wait(self.chance.uniform(0, 0.8))
            connection.sendall(BROKEN if attempt[1] <= VESSELS.get(name, 0) else ANSWER)
            deck.answered[attempt] = time.monotonic()

        return conduct


@pytest.mark.integration
@pytest.mark.timeout(600)  # half a minute where nothing else is going on
def test_fifty_kills_lose_no_attempt_that_had_ended(tmp_path: Path) -> None:
    with ExitStack() as stack:
        lanes = [
            Lane(tmp_path / f"lane{number}", number, stack, "serve" if number < SERVING_LANES else "run-once")
            for number in range(LANES)
        ]
        with ThreadPoolExecutor(LANES) as pool:
            list(pool.map(lambda lane: [lane.kill_one() for _ in range(KILLS // LANES)], lanes))
            assert set(pool.map(Lane.end_well, lanes)) == {"partial"}
    spared, checked = sum(lane.spared for lane in lanes), sum(lane.checked for lane in lanes)
    print(f"{KILLS} kills: {checked} answers had left their vessels, {spared} of them in the last moment")
    assert checked > 200
    assert spared < checked / 10
