"""Run events for WebSocket clients, read from the database, so that every process that serves it can push them."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from contextvars import Context
from dataclasses import replace
from functools import partial
from typing import TypeVar

import anyio.to_thread
from anyio import CapacityLimiter

from fleetdash.api.run_messages import message, progress, started
from fleetdash.domain.clock import Clock
from fleetdash.domain.events import AttemptFinished, RunEvent, RunFinished, RunStarted
from fleetdash.domain.runs import Run
from fleetdash.queries import FleetReader
from fleetdash.queries.event_log import EventPosition

log = logging.getLogger(__name__)

PERIOD_SECONDS = 0.025
"""An event must reach every one of 200 clients within 200 ms of its row."""

LONGEST_QUEUE = 256
"""Messages that a client may lag behind by: a run of 66 vessels with its retries has about as many."""

T = TypeVar("T")


class Listener:
    """One client's messages. Nobody waits for a client: one that lags too far behind is dropped."""

    def __init__(self) -> None:
        self._messages: list[str] = []
        self._some = asyncio.Event()
        self.too_slow = asyncio.Event()

    async def next(self) -> list[str]:
        """All waiting messages, oldest first; at least one."""
        await self._some.wait()
        self._some.clear()
        messages, self._messages = self._messages, []
        return messages

    def offer(self, messages: Sequence[str]) -> None:
        if len(self._messages) + len(messages) > LONGEST_QUEUE:
            self.too_slow.set()
            return
        self._messages += messages
        self._some.set()


class RunFeed:
    """Follows the log while at least one client listens; all methods belong to the event loop.

    A new client learns of a run in progress from what is kept here rather than from the database, so that it neither
    misses nor repeats an event.
    """

    def __init__(self, queries: FleetReader, clock: Clock, *, period: float = PERIOD_SECONDS) -> None:
        self._queries = queries
        self._clock = clock
        self._period = period
        self._listeners: set[Listener] = set()
        self._following = asyncio.Event()
        self._follower: asyncio.Task[None] | None = None
        self._position: EventPosition | None = None
        self._run: Run | None = None
        # its own thread, so that it does not queue behind the requests
        self._thread = CapacityLimiter(1)

    @asynccontextmanager
    async def listen(self) -> AsyncIterator[Listener]:
        """A client's messages: first the state of a run in progress, then each event from the block's start on."""
        listener = Listener()
        self._offer_progress([listener])
        self._listeners.add(listener)
        if self._follower is None:
            # in an empty context: it serves every client, not only the one that connected first
            self._follower = asyncio.create_task(self._follow(), context=Context())
        try:
            await self._following.wait()
            yield listener
        finally:
            self._listeners.discard(listener)
            if not self._listeners:
                self._stop()

    async def _follow(self) -> None:
        failing = False
        while True:
            try:
                await self._poll()
                failing = False
            except Exception:  # clients stay connected while the database is away, and go on when it is back
                log.log(logging.DEBUG if failing else logging.WARNING, "cannot read run events", exc_info=True)
                failing = True
            self._following.set()
            await asyncio.sleep(self._period)

    async def _poll(self) -> None:
        """Offer what happened since the last poll; on the first poll, the state of a run in progress."""
        if self._position is None:
            self._position, self._run = await self._read(self._current_state)
            self._offer_progress(self._listeners)
            return
        self._position, news = await self._read(partial(self._events_after, self._position))
        messages = [text for event, text in news if self._is_new(event)]
        if messages:
            _offer(self._listeners, messages)

    def _stop(self) -> None:
        if self._follower is not None:
            self._follower.cancel()
        self._follower = self._position = self._run = None
        self._following.clear()

    def _current_state(self) -> tuple[EventPosition, Run | None]:
        # in this order: what happens in between is sent twice rather than not at all
        return self._queries.events_position(), self._queries.current_run()

    def _offer_progress(self, listeners: Iterable[Listener]) -> None:
        if self._run is not None:
            _offer(listeners, [started(self._run), progress(self._run, self._clock.now())])

    def _is_new(self, event: RunEvent) -> bool:
        """False for the start of the run that the first poll already found; keeps the counts current."""
        if isinstance(event, RunStarted) and self._run is not None and self._run.run_id == event.run.run_id:
            return False
        self._run = _after(event, self._run)
        return True

    def _events_after(self, position: EventPosition) -> tuple[EventPosition, list[tuple[RunEvent, str]]]:
        position, events = self._queries.events_after(position)
        return position, [(event, message(event)) for event in events]

    async def _read(self, read: Callable[[], T]) -> T:
        return await anyio.to_thread.run_sync(read, limiter=self._thread, abandon_on_cancel=True)


def _offer(listeners: Iterable[Listener], messages: Sequence[str]) -> None:
    for listener in listeners:
        listener.offer(messages)


def _after(event: RunEvent, run: Run | None) -> Run | None:
    """The run in progress as of `event`."""
    match event:
        case RunStarted(begun):
            return begun
        case AttemptFinished(run_id=run_id) if run is not None and run.run_id == run_id:
            return replace(run, successful_vessels=event.successful_vessels, failed_vessels=event.failed_vessels)
        case RunFinished(ended) if run is not None and run.run_id == ended.run_id:
            return None
    return run
