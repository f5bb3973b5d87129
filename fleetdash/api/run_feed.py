"""Run events pushed to whoever listens, read from the database: so every process that serves it can push them."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
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
from fleetdash.queries import FleetReader
from fleetdash.queries.event_log import EventPosition
from fleetdash.serving.frames import text_frame

log = logging.getLogger(__name__)

PERIOD_SECONDS = 0.025
"""An event must reach every one of 200 clients within 200 ms of its row."""

LONGEST_QUEUE = 256
"""Messages that a client may lag behind by: a run of 66 vessels with its retries has about as many."""

T = TypeVar("T")


class Listener:
    """One client's messages. Nobody waits for it: once it lags too far behind, it is given up."""

    def __init__(self) -> None:
        self._frames: list[bytes] = []
        self._some = asyncio.Event()
        self.too_slow = asyncio.Event()

    async def next(self) -> bytes:
        """All frames that wait, one after the other."""
        await self._some.wait()
        self._some.clear()
        frames, self._frames = self._frames, []
        return b"".join(frames)

    def offer(self, frames: Sequence[bytes]) -> None:
        if len(self._frames) + len(frames) > LONGEST_QUEUE:
            self.too_slow.set()
            return
        self._frames += frames
        self._some.set()


class RunFeed:
    """Follows the log while at least one client listens; all methods belong to the event loop.

    What a newcomer is told of a run under way is what the others were told: it is kept here, not read anew,
    so that no event is missed or told twice between the two.
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
        self._position, news = await self._read(partial(self._news, self._position))
        frames = [frame for event, frame in news if self._is_new(event)]
        if frames:
            _offer(self._listeners, frames)

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
            told = (started(self._run), progress(self._run, self._clock.now()))
            _offer(listeners, [text_frame(text) for text in told])

    def _is_new(self, event: RunEvent) -> bool:
        """Unless it began while we read where things stand; counts along."""
        if isinstance(event, RunStarted) and self._run is not None and self._run.run_id == event.run.run_id:
            return False
        self._run = _after(event, self._run)
        return True

    def _news(self, position: EventPosition) -> tuple[EventPosition, list[tuple[RunEvent, bytes]]]:
        position, events = self._queries.events_after(position)
        return position, [(event, text_frame(message(event))) for event in events]

    async def _read(self, read: Callable[[], T]) -> T:
        return await anyio.to_thread.run_sync(read, limiter=self._thread, abandon_on_cancel=True)


def _offer(listeners: Iterable[Listener], frames: Sequence[bytes]) -> None:
    for listener in listeners:
        listener.offer(frames)


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
