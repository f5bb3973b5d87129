"""Programs that read take turns with all others: one that asks without a pause must not slow down runs and pages."""

import asyncio
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fleetdash.domain.access import current_caller
from fleetdash.domain.clock import Clock

RESTS = 2.0
"""Times as long as an answer took to make, no other is made for the same reader: it gets a third of one core."""

LONGEST_REST_SECONDS = 0.25
_MOST_READERS = 1_000


@dataclass(slots=True)
class _Reader:
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    rests_until: float = float("-inf")


class Turns:
    """One answer of the API at a time for each reader, with a rest after it; whoever pauses by itself never waits.

    A reader is a name at an address. Health is told at any time.
    """

    def __init__(self, app: ASGIApp, clock: Clock) -> None:
        self._app = app
        self._clock = clock
        self._readers: dict[tuple[str, str], _Reader] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        takes_turns = scope["type"] == "http" and scope["method"] == "GET" and scope["path"].startswith("/api/")
        if not takes_turns or scope["path"] == "/api/health":
            await self._app(scope, receive, send)
            return
        reader = self._reader(scope)
        await reader.turn.acquire()
        began = self._clock.monotonic()
        ended = False

        def end() -> None:
            nonlocal ended
            if not ended:
                ended = True
                now = self._clock.monotonic()
                reader.rests_until = now + min(LONGEST_REST_SECONDS, RESTS * (now - began))
                reader.turn.release()

        async def send_on(message: Message) -> None:
            end()  # how long the rest takes is up to the reader's line
            await send(message)

        try:
            if reader.rests_until > began:
                await asyncio.sleep(reader.rests_until - began)
                began = self._clock.monotonic()
            await self._app(scope, receive, send_on)
        finally:
            end()

    def _reader(self, scope: Scope) -> _Reader:
        if len(self._readers) >= _MOST_READERS:
            now = self._clock.monotonic()
            self._readers = {key: each for key, each in self._readers.items() if each.rests_until > now}
        caller, client = current_caller(), scope["client"]
        return self._readers.setdefault((caller.name if caller else "", client[0] if client else ""), _Reader())
