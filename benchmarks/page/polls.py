"""Many open pages that ask whether anything has changed, each with a plain client's connection."""

import asyncio
import time
from collections.abc import Sequence

import requests

from benchmarks.page.apps import App

PAGES, EVERY_SECONDS, SECONDS = 50, 5.0, 60.0


def poll(app: App) -> tuple[list[float], float, int]:
    """Seconds that each poll waited, the share of one core that they cost, the bytes of the longest answer."""
    etag = requests.get(f"{app.url}/api/version", timeout=10).headers["ETag"]
    request = (
        f"GET /api/version HTTP/1.1\r\nHost: 127.0.0.1:{app.port}\r\nAccept-Encoding: gzip\r\n"
        f"If-None-Match: {etag}\r\n\r\n"
    ).encode()
    used, began = app.cpu_seconds(), time.monotonic()
    pages = asyncio.run(_pages(app.port, request))
    share = (app.cpu_seconds() - used) / (time.monotonic() - began)
    return [wait for waits, _ in pages for wait in waits], share, max(size for _, size in pages)


async def _pages(port: int, request: bytes) -> Sequence[tuple[list[float], int]]:
    return await asyncio.gather(*(_page(port, request, number / PAGES) for number in range(PAGES)))


async def _page(port: int, request: bytes, phase: float) -> tuple[list[float], int]:
    """One page, which keeps its connection; pages are spread over the interval."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    due, waits, longest = time.monotonic() + phase * EVERY_SECONDS, list[float](), 0
    for _ in range(int(SECONDS / EVERY_SECONDS)):
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        sent = time.monotonic()
        writer.write(request)
        answer = await reader.readuntil(b"\r\n\r\n")
        waits.append(time.monotonic() - sent)
        assert answer.startswith(b"HTTP/1.1 304"), answer
        longest, due = max(longest, len(answer)), due + EVERY_SECONDS
    writer.close()
    return waits, longest
