"""The crowd, in a process of its own: `python -m benchmarks.load.crowd ADDRESS PAGES LISTENERS`.

It prints a line when all have come. When a line comes in it leaves, and prints what it saw, as JSON.
"""

import asyncio
import json
import sys
import time
from collections.abc import Coroutine
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from websockets.asyncio.client import connect

POLL_EVERY = 1.0
"""Seconds: what a page does during a run, five times as often as at other times."""


@dataclass
class Seen:
    """Seconds for each poll; from an attempt's end until a listener was told; what went wrong."""

    polls: list[float] = field(default_factory=list)
    events: list[float] = field(default_factory=list)
    reads: int = 0
    errors: list[str] = field(default_factory=list)
    present: int = 0


class Connection:
    """One kept open, as a browser does."""

    def __init__(self, address: str) -> None:
        self._host = urlsplit(address)
        self._reader: asyncio.StreamReader | None = None

    async def ask(self, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
        if self._reader is None or self._reader.at_eof():
            self._reader, self._writer = await asyncio.open_connection(self._host.hostname, self._host.port)
        head = f"{method} {path} HTTP/1.1\r\nHost: {self._host.netloc}\r\nContent-Type: application/json\r\n"
        self._writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        top = (await self._reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = next((int(line.split(":")[1]) for line in top.splitlines() if line.startswith("content-length:")), 0)
        return int(top.split()[1]), await self._reader.readexactly(length)


def _question(dependencies: list[dict[str, Any]], version: str) -> bytes:
    """What a page asks every few seconds: has anything changed?"""
    (poll,) = [
        each for each in dependencies if each["inputs"] == [{"id": "refresh-interval", "property": "n_intervals"}]
    ]
    values = {"version.data": version, "refresh-interval.interval": 1000, "older-data.hidden": True}
    outputs = [
        dict(zip(("id", "property"), part.split("."), strict=True)) for part in poll["output"].strip(".").split("...")
    ]
    return json.dumps(
        {
            "output": poll["output"],
            "outputs": outputs,
            "inputs": [{"id": "refresh-interval", "property": "n_intervals", "value": 1}],
            "state": [{**state, "value": values[f"{state['id']}.{state['property']}"]} for state in poll["state"]],
            "changedPropIds": ["refresh-interval.n_intervals"],
        }
    ).encode()


async def page(address: str, after: float, seen: Seen) -> None:
    """Polls, and knows the version that it was told last."""
    connection, version = Connection(address), ""
    dependencies = json.loads((await connection.ask("GET", "/_dash-dependencies"))[1])
    await asyncio.sleep(after)
    seen.present += 1
    while True:
        began = time.monotonic()
        status, body = await connection.ask("POST", "/_dash-update-component", _question(dependencies, version))
        seen.polls.append(time.monotonic() - began)
        if status == 200:
            version = json.loads(body)["response"].get("version", {}).get("data", version)
        elif status != 204:
            seen.errors.append(f"a poll: {status}")
        await asyncio.sleep(max(0.0, POLL_EVERY - (time.monotonic() - began)))


async def listener(address: str, seen: Seen) -> None:
    async with connect(address.replace("http", "ws") + "/ws/scheduler-runs", open_timeout=30) as client:
        seen.present += 1
        async for message in client:
            told = json.loads(message)
            if told["type"] == "vessel_query_finished":
                seen.events.append(time.time() - datetime.fromisoformat(told["timestamp"]).timestamp())


async def greedy(address: str, seen: Seen) -> None:
    connection = Connection(address)
    while True:
        status, _ = await connection.ask("GET", "/api/fleet-overview?include_devices=true")
        seen.reads += 1
        if status != 200:
            seen.errors.append(f"the API: {status}")


async def _noting(work: Coroutine[Any, Any, None], seen: Seen) -> None:
    try:
        await work
    except Exception as error:  # whatever it is, it is what the benchmark looks for
        seen.errors.append(f"{type(error).__name__}: {error}")


async def main(address: str, pages: int, listeners: int) -> None:
    seen = Seen()
    crowd = [page(address, POLL_EVERY * number / pages, seen) for number in range(pages)]
    crowd += [listener(address, seen) for _ in range(listeners)]
    crowd.append(greedy(address, seen))
    tasks = [asyncio.create_task(_noting(work, seen)) for work in crowd]
    while seen.present < pages + listeners and not seen.errors:
        await asyncio.sleep(0.1)
    print("here", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    print(json.dumps(asdict(seen)), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
