"""fleetdash and the ships that it asks, each in a process of its own, as they would be."""

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import requests

from fleetdash.demo import DemoFleet
from fleetdash.demo.ships import Ship

APP = Path(__file__).resolve().parents[2] / "app.py"
VESSELS = 66


@dataclass(frozen=True, slots=True)
class Installation:
    """Where it serves."""

    address: str
    process: subprocess.Popen[bytes]

    def run(self) -> float:
        """Make a run and wait for its end; its seconds, as it tells them itself."""
        answer = requests.post(f"{self.address}/api/scheduler-runs", timeout=30)
        answer.raise_for_status()
        url = f"{self.address}/api/scheduler-runs/{answer.json()['run_id']}"
        while (run := requests.get(url, timeout=30).json())["status"] == "running":
            time.sleep(0.1)
        assert run["status"] == "completed", run
        return float(run["duration_seconds"])

    def memory(self) -> int:
        """Resident bytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmRSS"))


@contextlib.contextmanager
def installation(folder: Path, delay_seconds: float) -> Iterator[Installation]:
    """Started empty, with 66 ships that are all well and take so long for an answer."""
    with (
        _child([sys.executable, "-m", "benchmarks.load.installation", str(delay_seconds)], APP.parent) as ships,
        _child(
            [sys.executable, str(APP), "serve", "--config", "fleetdash.toml", "--port", "0"], folder, ships
        ) as served,
    ):
        assert served.stderr is not None
        for line in served.stderr:
            if b"the page is at " in line:
                yield Installation(line.split(b"the page is at ")[1].strip().decode().rstrip("/"), served)
                return
        raise RuntimeError("fleetdash did not start")


@contextlib.contextmanager
def _child(
    command: list[str], folder: Path, ships: subprocess.Popen[bytes] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Stopped with the block. Its log goes to a pipe that is read up to its first word only: it says little."""
    if ships is not None:
        assert ships.stdout is not None
        folder.mkdir()
        file = b"".join(iter(ships.stdout.readline, b"END\n")).decode()
        file = file.replace("every_minutes = 15", "every_minutes = 1440").replace(
            "run_on_start = true", "run_on_start = false"
        )
        (folder / "fleetdash.toml").write_text(file + '\n[logging]\nlevel = "info"\n')
    with subprocess.Popen(
        command,
        cwd=folder,
        stdout=subprocess.PIPE if ships is None else subprocess.DEVNULL,
        stderr=None if ships is None else subprocess.PIPE,
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


def main() -> None:
    """The ships, until stopped; prints the fleet file that asks them."""
    cast = [Ship(f"vessel{number:03}", delay_seconds=float(sys.argv[1])) for number in range(1, VESSELS + 1)]
    with DemoFleet(cast=cast) as fleet:
        print(fleet.fleet_file(), "END", sep="\n", flush=True)
        sys.stdin.read()
        time.sleep(86_400)


if __name__ == "__main__":
    main()
