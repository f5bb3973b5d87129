"""fleetdash and the vessels that it asks, each in a process of its own, as they would be."""

import contextlib
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from fleetdash.demo import DemoFleet
from fleetdash.demo.vessels import VesselProfile

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
    """Started empty, with 66 vessels that are all well and take so long for an answer."""
    folder.mkdir()
    vessels = [sys.executable, "-m", "benchmarks.load.installation", str(delay_seconds)]
    serve = [sys.executable, str(APP), "serve", "--config", "fleetdash.toml", "--port", "0"]
    log = folder / "log"
    with log.open("wb") as log_file, _child(vessels, cwd=APP.parent, stdout=subprocess.PIPE) as at_sea:
        assert at_sea.stdout is not None
        file = b"".join(iter(at_sea.stdout.readline, b"END\n")).decode()
        file = file.replace("every_minutes = 15", "every_minutes = 1440")
        file = file.replace("run_on_start = true", "run_on_start = false")
        (folder / "fleetdash.toml").write_text(file)
        with _child(serve, cwd=folder, stderr=log_file) as served:
            yield Installation(_address(log, served), served)


@contextlib.contextmanager
def _child(command: list[str], **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """Stopped with the block."""
    with subprocess.Popen(command, **options) as process:
        try:
            yield process
        finally:
            process.terminate()


def _address(log: Path, served: subprocess.Popen[bytes]) -> str:
    """Where it serves, once it says so."""
    while served.poll() is None:
        if found := re.search(r"the page is at (\S+)/\n", log.read_text()):
            return found[1]
        time.sleep(0.1)
    raise RuntimeError(f"fleetdash did not start:\n{log.read_text()}")


def main() -> None:
    """The vessels, until stopped; prints the fleet file that asks them."""
    delay = float(sys.argv[1])
    profiles = [VesselProfile(f"vessel{number:03}", delay_seconds=delay) for number in range(1, VESSELS + 1)]
    with DemoFleet(profiles=profiles) as fleet:
        print(fleet.fleet_file(), "END", sep="\n", flush=True)
        sys.stdin.read()
        time.sleep(86_400)


if __name__ == "__main__":
    main()
