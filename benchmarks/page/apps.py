"""Both apps, each in a process of its own, stopped with the block."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support.servers import free_port, listens
from tests.support.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class App:
    """Where it is served, and by which process."""

    process: subprocess.Popen[bytes]
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def cpu_seconds(self) -> float:
        """What the process has used so far, of all cores together."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def fleetdash() -> Iterator[App]:
    """The page over the demo fleet and its day of history; no run is made while it is measured."""
    with TemporaryDirectory() as folder:
        command = [sys.executable, str(ROOT / "app.py"), "serve", "--demo", "--no-scheduler", "--port"]
        with _running(command, folder) as app:
            yield app


@contextlib.contextmanager
def bare() -> Iterator[App]:
    """The bare app."""
    with _running([sys.executable, "-m", "benchmarks.page.bare"], str(ROOT)) as app:
        yield app


@contextlib.contextmanager
def _running(command: list[str], folder: str) -> Iterator[App]:
    port = free_port()
    with subprocess.Popen(
        [*command, str(port)], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            wait_until(lambda: process.poll() is not None or listens(port), f"{command} to start", seconds=120)
            assert process.poll() is None, f"{command} ended at once"
            yield App(process, port)
        finally:
            process.terminate()
