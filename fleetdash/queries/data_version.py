"""A version of everything that the page and the API show, cheap to read."""

import asyncio
from contextvars import Context
from datetime import datetime
from hashlib import blake2b

import anyio.to_thread
from anyio import CapacityLimiter

from fleetdash.domain.clock import Clock
from fleetdash.domain.runs import SchedulerControl
from fleetdash.queries.fleet_reader import FleetReader

LOOK_SECONDS = 0.5
"""How long one read serves all polls. During a run every read finds another version, and each page then
fetches what changed: ten versions per second would slow runs down."""


class DataVersion:
    """An opaque key that changes whenever an attempt, a run, a status or the scheduler's state does."""

    def __init__(self, queries: FleetReader, scheduler: SchedulerControl, clock: Clock) -> None:
        self._queries = queries
        self._scheduler = scheduler
        self._clock = clock
        self._read_at = clock.now()
        self._shared: asyncio.Task[str] | None = None
        # its own thread: polls must not queue behind long reads
        self._thread = CapacityLimiter(1)

    @property
    def read_at(self) -> datetime:
        """When the database could last be read."""
        return self._read_at

    def read(self) -> str:
        """The version now; raises `StorageError`."""
        status = self._scheduler.status()
        state = (
            self._queries.version(),
            status.next_run_at,
            status.overdue,
            status.running,
            status.is_local,
            status.waiting_since,
            status.journal_full,
        )
        self._read_at = self._clock.now()
        return blake2b("|".join(map(str, state)).encode(), digest_size=12).hexdigest()

    async def shared(self) -> str:
        """The version as last read, at most `LOOK_SECONDS` ago; raises `StorageError`."""
        if self._shared is None:
            # in an empty context: it is read for everyone, not only for the caller that asks first
            self._shared = asyncio.create_task(self._look(), context=Context())
        return await asyncio.shield(self._shared)

    def expire(self) -> None:
        """The next call reads again."""
        self._shared = None

    async def _look(self) -> str:
        try:
            return await anyio.to_thread.run_sync(self.read, limiter=self._thread)
        finally:
            asyncio.get_running_loop().call_later(LOOK_SECONDS, self.expire)
