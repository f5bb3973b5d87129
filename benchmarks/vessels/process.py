"""Child processes that answer one line of JSON with another, and end with us."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.vessels.link import Speed, Traffic


@dataclass(frozen=True, slots=True)
class Child:
    """A module of ours in a process of its own."""

    process: subprocess.Popen[str]

    def ask(self, message: object) -> Any:
        """Its answer; raises `RuntimeError` when it ended instead."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"{self.process.args!r} ended without an answer")
        return json.loads(answer)


@contextlib.contextmanager
def child(module: str) -> Iterator[Child]:
    """Started now, stopped with the block."""
    with subprocess.Popen(
        [sys.executable, "-m", module], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Child(process)
        finally:
            process.terminate()


@dataclass(frozen=True, slots=True)
class Relay:
    """A running relay; `urls` has one address a vessel."""

    child: Child
    urls: list[str]

    def take_traffic(self) -> list[Traffic]:
        """What went over each vessel's link since the last call."""
        return [Traffic(**counted) for counted in self.child.ask("traffic")]


@contextlib.contextmanager
def relay(server_port: int, links: int, speed: Speed) -> Iterator[Relay]:
    """Between clients and the server, with a link for each vessel."""
    with child("benchmarks.vessels.relay") as started:
        ports = started.ask({"server_port": server_port, "links": links, "speed": asdict(speed)})
        yield Relay(started, [f"http://127.0.0.1:{port}" for port in ports])
