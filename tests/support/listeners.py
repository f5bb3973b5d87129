"""Many WebSocket clients in a process of their own: `python -m tests.support.listeners URL CLIENTS EVENTS`.

Says "connected" once all are, and at the end, for each client, when it was told each event: JSON, seconds since 1970.
"""

import asyncio
import json
import sys

from websockets.asyncio.client import connect

from tests.support import present


async def listen(url: str, clients: int, events: int) -> list[list[float]]:
    connected = 0
    all_connected = asyncio.Event()
    some_at_once = asyncio.Semaphore(20)

    async def one() -> list[float]:
        nonlocal connected
        async with some_at_once:
            client = await connect(url, compression=None, open_timeout=30)
        async with client:
            connected += 1
            if connected == clients:
                all_connected.set()
            times = []
            for _ in range(events):
                await client.recv()
                times.append(present.now().timestamp())
            return times

    async def say() -> None:
        await all_connected.wait()
        print("connected", flush=True)

    *told, _ = await asyncio.gather(*(one() for _ in range(clients)), say())
    return [times for times in told if times is not None]


if __name__ == "__main__":
    print(json.dumps(asyncio.run(listen(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))), flush=True)
