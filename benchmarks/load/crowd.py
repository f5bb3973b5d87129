"""A part of the crowd, in a process of its own: `python -m benchmarks.load.crowd pages|listeners|reader ADDRESS COUNT`.

It prints a line when all have come. Whenever a line comes in it prints, as JSON, what it saw since; with the last it
leaves.
"""

import asyncio
import json
import sys
import time
from collections.abc import Coroutine
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from benchmarks.load.clients import Connection, Heard, WebSocketClient

POLL_EVERY = 1.0
"""Seconds: what a page does during a run, five times as often as at other times."""

PARTS = {"fleet-grid.parts", "run-progress.children", "scheduler-line.children"}


@dataclass
class Seen:
    """Seconds for each poll; from an attempt's end until a listener was told; what went wrong.

    `cpu_seconds`: what it cost to see it.
    """

    polls: list[float] = field(default_factory=list)
    events: list[float] = field(default_factory=list)
    reads: int = 0
    errors: list[str] = field(default_factory=list)
    cpu_seconds: float = 0.0


class Part:
    """Some of the crowd: what they do, and what they see."""

    def __init__(self, address: str, count: int) -> None:
        self.address = address
        self.count = count
        self.present = 0
        self.seen = Seen()
        self.heard = Heard()
        self._cpu_before = 0.0

    async def pages(self) -> None:
        dependencies = json.loads((await Connection(self.address).ask("GET", "/_dash-dependencies"))[1])
        parts = [each for each in dependencies if PARTS.intersection(_outputs(each))]
        await self._all(self._page(parts, POLL_EVERY * number / self.count) for number in range(self.count))

    async def listeners(self) -> None:
        loop, host = asyncio.get_running_loop(), urlsplit(self.address)
        for _ in range(self.count):
            await loop.create_connection(self._listener, str(host.hostname), host.port or 80)
        while self.heard.present < self.count:
            await asyncio.sleep(0.01)
        self.present = self.count
        await asyncio.Event().wait()

    def _listener(self) -> WebSocketClient:
        return WebSocketClient(self.address, "/ws/scheduler-runs", self.heard)

    async def reader(self) -> None:
        await self._all(self._greedy() for _ in range(self.count))

    def report(self) -> Seen:
        """What was seen since the last time."""
        seen, self.seen = self.seen, Seen()
        seen.events = [moment - ended for moment, message in self.heard.messages if (ended := _ended(message))]
        seen.errors += self.heard.errors
        self.heard.messages, self.heard.errors = [], []
        before, self._cpu_before = self._cpu_before, time.process_time()
        seen.cpu_seconds = self._cpu_before - before
        return seen

    async def _page(self, parts: list[dict[str, Any]], after: float) -> None:
        """Polls, and fetches what the fleet's page shows whenever it is told of another version."""
        connection, version = Connection(self.address), ""
        await asyncio.sleep(after)
        self.present += 1
        while True:
            began = time.monotonic()
            status, body = await connection.ask("GET", "/api/version")
            self.seen.polls.append(time.monotonic() - began)
            if status != 200:
                self.seen.errors.append(f"a poll: {status}")
            elif (newest := json.loads(body)["version"]) != version:
                version = newest
                for part in parts:
                    status, _ = await connection.ask("POST", "/_dash-update-component", _question(part, version))
                    self.seen.errors += [f"a part: {status}"] if status != 200 else []
            await asyncio.sleep(max(0.0, POLL_EVERY - (time.monotonic() - began)))

    async def _greedy(self) -> None:
        connection = Connection(self.address)
        self.present += 1
        while True:
            status, _ = await connection.ask("GET", "/api/fleet-overview?include_devices=true")
            self.seen.reads += 1
            if status != 200:
                self.seen.errors.append(f"the API: {status}")

    async def _all(self, works: Any) -> None:
        await asyncio.gather(*map(self._noting, works))

    async def _noting(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception as error:  # whatever it is, it is what the benchmark looks for
            self.seen.errors.append(f"{type(error).__name__}: {error}")


def _outputs(callback: dict[str, Any]) -> list[str]:
    return str(callback["output"]).strip(".").split("...")


def _question(callback: dict[str, Any], version: str) -> bytes:
    """How a page asks for a part of what the fleet's page shows."""
    values = {"retry": 0, "version": version, "fleet-address": ""}
    outputs = [dict(zip(("id", "property"), each.rsplit(".", 1), strict=True)) for each in _outputs(callback)]
    return json.dumps(
        {
            "output": callback["output"],
            "outputs": outputs if len(outputs) > 1 else outputs[0],
            "inputs": [{**each, "value": values[each["id"]]} for each in callback["inputs"]],
            "changedPropIds": ["version.data"],
            "state": [],
        }
    ).encode()


@lru_cache(maxsize=1000)
def _ended(message: bytes) -> float | None:
    """When the attempt ended that a message tells of; all listeners are told the same."""
    told = json.loads(message)
    if told["type"] != "vessel_query_finished":
        return None
    return datetime.fromisoformat(told["timestamp"]).timestamp()


async def main(part: str, address: str, count: int) -> None:
    here = Part(address, count)
    task = asyncio.create_task(getattr(here, part)())
    while here.present < count and not here.seen.errors and not task.done():
        await asyncio.sleep(0.1)
    print("here", flush=True)
    while await asyncio.to_thread(sys.stdin.readline):
        print(json.dumps(asdict(here.report())), flush=True)
    task.cancel()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
