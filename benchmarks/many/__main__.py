"""Serve 2,000 vessels with the real command, let it make its first run, look at what it took."""

import contextlib
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests

from benchmarks.many.vessels import DELAY_SECONDS, DEVICES
from benchmarks.target import Target
from tests.support.servers import free_port
from tests.support.waiting import wait_until

APP = Path(__file__).resolve().parents[2] / "app.py"
VESSELS = 2_000
RUNS = 3


def main() -> None:
    """The whole benchmark, about a minute."""
    load = os.getloadavg()[0]
    with (
        _vessels() as vessels,
        tempfile.TemporaryDirectory(prefix="fleetdash-") as folder,
        _served(folder, vessels) as served,
    ):
        process, url, ready = served
        watch = Watch(process.pid)
        watch.start()
        durations = [_next_run(url, number) for number in range(RUNS)]
        status = Path(f"/proc/{process.pid}/status").read_text().splitlines()
        peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1000
    print(f"{os.cpu_count()} cores, load before: {load:.1f}; {VESSELS:,} vessels, {DELAY_SECONDS * 1000:g} ms each")
    targets = (
        Target("serving after", 10, ready, "s"),
        Target("the slowest of three runs", 15, max(durations), "s"),
        Target("most memory", 600, peak, "MB"),
        Target("most threads", 148, watch.most, ""),
    )
    print(*targets, sep="\n")


class Watch(threading.Thread):
    """The most threads that a process ever had."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._tasks = Path(f"/proc/{pid}/task")
        self.most = 0

    def run(self) -> None:
        """Until the process is gone."""
        with contextlib.suppress(OSError):
            while True:
                self.most = max(self.most, sum(1 for _ in self._tasks.iterdir()))
                time.sleep(0.02)


def _next_run(url: str, number: int) -> float:
    """The duration of a run, the first of which begins by itself."""
    if number:
        requests.post(f"{url}/api/scheduler-runs", timeout=30).raise_for_status()

    def ended() -> float | None:
        runs: list[dict[str, Any]] = requests.get(f"{url}/api/scheduler-runs", timeout=30).json()["items"]
        if len(runs) <= number or runs[0]["status"] == "running":
            return None
        assert runs[0]["successful_vessels"] == VESSELS, runs[0]
        return float(runs[0]["duration_seconds"])

    return wait_until(ended, "a run's end", seconds=120, every=0.5)


@contextlib.contextmanager
def _vessels() -> Iterator[str]:
    """Their address."""
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.many.vessels"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        process.terminate()


@contextlib.contextmanager
def _served(folder: str, vessels: str) -> Iterator[tuple[subprocess.Popen[bytes], str, float]]:
    """The process, its address, and after how many seconds it answered."""
    tables = "\n".join(f'[[vessels]]\nid = "vessel{number:04d}"' for number in range(VESSELS))
    devices = "[" + ", ".join(f'"{device}"' for device in DEVICES) + "]"
    text = f'[influxdb]\nurl = "{vessels}"\ndatabase = "{{vessel_id}}"\n[components]\nServer = {devices}\n{tables}\n'
    Path(folder, "fleetdash.toml").write_text(text)
    url = f"http://127.0.0.1:{free_port()}"
    began = time.monotonic()
    command = [sys.executable, str(APP), "serve", "--port", url.rpartition(":")[2]]
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.DEVNULL) as process:
        try:
            wait_until(lambda: _answers(url), "the page", seconds=60)
            yield process, url, time.monotonic() - began
        finally:
            process.terminate()


def _answers(url: str) -> bool:
    with contextlib.suppress(requests.RequestException):
        return requests.get(url, timeout=10).ok
    return False


if __name__ == "__main__":
    main()
