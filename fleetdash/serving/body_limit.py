"""What is sent to us is bounded, in bytes and in time."""

import asyncio
from collections import deque
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fleetdash.serving.problems import problem

LARGEST_BYTES = 1_000_000
"""The page's largest question is some kilobytes."""

PATIENCE_SECONDS = 20.0

_WITHOUT_BODY = frozenset({"GET", "HEAD", "OPTIONS"})


class BodyLimit:
    """Takes the whole body in before the app sees the request: so whatever reads it need not know of bounds."""

    def __init__(self, app: ASGIApp, largest: int = LARGEST_BYTES, patience: float = PATIENCE_SECONDS) -> None:
        self._app = app
        self._largest = largest
        self._patience = patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in _WITHOUT_BODY:
            await self._app(scope, receive, send)
            return
        too_large = problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"at most {self._largest:,} bytes may be sent")
        told = Headers(scope=scope).get("content-length", "")
        if told.isdigit() and int(told) > self._largest:
            await too_large(scope, receive, send)
            return
        try:
            async with asyncio.timeout(self._patience):
                taken = await self._take(receive)
        except TimeoutError:
            late = problem(HTTPStatus.REQUEST_TIMEOUT, f"the body was not there within {self._patience:g} s")
            await late(scope, receive, send)
            return
        if taken is None:
            await too_large(scope, receive, send)
            return

        async def taken_first() -> Message:
            return taken.popleft() if taken else await receive()

        await self._app(scope, taken_first, send)

    async def _take(self, receive: Receive) -> deque[Message] | None:
        """All messages up to the body's end; `None` when it is too large."""
        taken: deque[Message] = deque()
        size = 0
        while True:
            message = await receive()
            taken.append(message)
            size += len(message.get("body", b""))
            if size > self._largest:
                return None
            if message["type"] == "http.disconnect" or not message.get("more_body", False):
                return taken
