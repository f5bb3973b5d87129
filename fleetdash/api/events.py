"""`/ws/scheduler-runs`: run events, pushed to every client as they are recorded."""

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any

from fastapi import FastAPI, WebSocket, WebSocketDisconnect, status

from fleetdash.api.run_feed import Listener, RunFeed

_CLOSING_SECONDS = 1
"""For the close frame to a client that may not be reading."""


def register(app: FastAPI, feed: RunFeed) -> None:
    """Add the WebSocket. The parameter's annotation is needed: without it FastAPI answers 403."""

    @app.websocket("/ws/scheduler-runs")
    async def scheduler_runs(websocket: WebSocket) -> None:
        async with feed.listen() as listener:
            await websocket.accept()  # only now, so that a client misses nothing that happens once it is connected
            await _first_to_end(_send(websocket, listener), _until_gone(websocket), listener.too_slow.wait())
        if listener.too_slow.is_set():
            with contextlib.suppress(TimeoutError, WebSocketDisconnect, RuntimeError):
                async with asyncio.timeout(_CLOSING_SECONDS):
                    await websocket.close(status.WS_1013_TRY_AGAIN_LATER, "too slow")


async def _send(websocket: WebSocket, listener: Listener) -> None:
    with contextlib.suppress(WebSocketDisconnect):
        while True:
            for message in await listener.next():
                await websocket.send_text(message)


async def _until_gone(websocket: WebSocket) -> None:
    """What the client sends is read and dropped; otherwise its disconnect would go unnoticed."""
    while (await websocket.receive())["type"] != "websocket.disconnect":
        pass


async def _first_to_end(*works: Coroutine[Any, Any, Any]) -> None:
    """Run all until one ends or this is cancelled; raises what the first to end raised."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()
