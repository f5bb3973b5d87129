"""Run events pushed to whoever listens, read from the database: so every process that serves it can push them."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import TypeVar

import anyio.to_thread
from anyio import CapacityLimiter

from fleetdash.api.run_messages import message, progress, started
from fleetdash.domain.clock import Clock
from fleetdash.domain.events import AttemptFinished, RunEvent, RunFinished, RunStarted
from fleetdash.domain.runs import Run
from fleetdash.queries import Queries
from fleetdash.queries.event_log import EventPosition

log = logging.getLogger(__name__)

PERIOD_SECONDS = 0.05
"""An event must reach every one of 200 clients within 200 ms of its row."""

LONGEST_QUEUE = 256
"""Messages that a client may lag behind by: a run of 66 ships with its retries has about as many."""

T = TypeVar("T")


class Listener:
    """One client's messages. Nobody waits for it: once it lags too far behind, it is given up."""

    def __init__(self) -> None:
        self._messages: asyncio.Queue[str] = asyncio.Queue(LONGEST_QUEUE)
        self.too_slow = asyncio.Event()

    async def next(self) -> str:
        return await self._messages.get()

    def offer(self, text: str) -> None:
        try:
            self._messages.put_nowait(text)
        except asyncio.QueueFull:
            self.too_slow.set()


class RunFeed:
    """Follows the log while at least one client listens; all methods belong to the event loop.

    What a newcomer is told of a run under way is what the others were told: it is kept here, not read anew,
    so that no event is missed or told twice between the two.
    """

    def __init__(self, queries: Queries, clock: Clock, *, period: float = PERIOD_SECONDS) -> None:
        self._queries = queries
        self._clock = clock
        self._period = period
        self._listeners: set[Listener] = set()
        self._following = asyncio.Event()
        self._follower: asyncio.Task[None] | None = None
        self._position: EventPosition | None = None
        self._run: Run | None = None
        # a thread of its own: it must not queue up behind the requests
        self._thread = CapacityLimiter(1)

    @asynccontextmanager
    async def listen(self) -> AsyncIterator[Listener]:
        """A client's messages: first where a run under way stands, then whatever happens from the block's start on."""
        listener = Listener()
        self._tell_where_it_stands([listener])
        self._listeners.add(listener)
        if self._follower is None:
            self._follower = asyncio.create_task(self._follow())
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
        """Tell what happened since the last time; the first time, where things stand."""
        if self._position is None:
            self._position, self._run = await self._read(self._where_it_stands)
            self._tell_where_it_stands(self._listeners)
            return
        self._position, events = await self._read(partial(self._queries.events_after, self._position))
        for event in events:
            self._tell(event)

    def _stop(self) -> None:
        if self._follower is not None:
            self._follower.cancel()
        self._follower = self._position = self._run = None
        self._following.clear()

    def _where_it_stands(self) -> tuple[EventPosition, Run | None]:
        # in this order: what happens in between is told twice rather than not at all
        return self._queries.events_position(), self._queries.current_run()

    def _tell_where_it_stands(self, listeners: Iterable[Listener]) -> None:
        if self._run is not None:
            for text in (started(self._run), progress(self._run, self._clock.now())):
                _offer(listeners, text)

    def _tell(self, event: RunEvent) -> None:
        if isinstance(event, RunStarted) and self._run is not None and self._run.run_id == event.run.run_id:
            return  # it began while we read where things stand
        _offer(self._listeners, message(event))
        self._run = _after(event, self._run)

    async def _read(self, read: Callable[[], T]) -> T:
        return await anyio.to_thread.run_sync(read, limiter=self._thread, abandon_on_cancel=True)


def _offer(listeners: Iterable[Listener], text: str) -> None:
    for listener in listeners:
        listener.offer(text)


def _after(event: RunEvent, run: Run | None) -> Run | None:
    """The run under way as of `event`."""
    match event:
        case RunStarted(begun):
            return begun
        case AttemptFinished(run_id=run_id) if run is not None and run.run_id == run_id:
            return replace(run, successful_vessels=event.successful_vessels, failed_vessels=event.failed_vessels)
        case RunFinished(ended) if run is not None and run.run_id == ended.run_id:
            return None
    return run
