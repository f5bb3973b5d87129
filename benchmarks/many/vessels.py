"""Any number of vessels behind one port: each answers a well fleet's question after 100 ms.

Prints its port, and ends with its input.
"""

import asyncio
import json
import re
import sys
from functools import lru_cache
from urllib.parse import unquote_plus

DELAY_SECONDS = 0.1
DEVICES = ("192.168.1.1", "192.168.1.2", "192.168.1.43", "192.168.1.60")
_BOUNDS = re.compile(r"time>=(\d+)s AND time<(\d+)s")
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


@lru_cache(maxsize=64)
def _answer(start: int, end: int) -> bytes:
    """A ping a minute, all answered, up to a minute ago."""
    hours = range(start // 3600 * 3600, end, 3600)
    counts = [[hour, -(-min(hour + 3600, end) // 60) - -(-max(hour, start) // 60)] for hour in hours]
    last = [[(end - 1) // 60 * 60, 0]]
    statements = [counts, counts, [[start, 12.5]], last, last]
    results = [
        {"series": [{"tags": {"url": device}, "columns": ["time", "v"], "values": rows} for device in DEVICES]}
        for rows in statements
    ]
    body = json.dumps({"results": results}).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    length = _LENGTH.search(head)
    asked = unquote_plus((await reader.readexactly(int(length[1]) if length else 0)).decode())
    bounds = _BOUNDS.search(asked)
    assert bounds, asked
    await asyncio.sleep(DELAY_SECONDS)
    writer.write(_answer(int(bounds[1]), int(bounds[2])))
    await writer.drain()
    writer.close()


async def main() -> None:
    """Serve until the input ends."""
    server = await asyncio.start_server(_serve, "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
