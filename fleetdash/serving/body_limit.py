"""A request's body is bounded in bytes and in time."""

import asyncio
from collections import deque
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fleetdash.serving.problems import problem

MAX_BYTES = 1_000_000
"""The page's largest request is some kilobytes."""

TIMEOUT_SECONDS = 20.0

_WITHOUT_BODY = frozenset({"GET", "HEAD", "OPTIONS"})


class BodyLimit:
    """Receives the whole body before the app sees the request, so that no reader of it needs limits of its own."""

    def __init__(self, app: ASGIApp, max_bytes: int = MAX_BYTES, timeout: float = TIMEOUT_SECONDS) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._timeout = timeout

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in _WITHOUT_BODY:
            await self._app(scope, receive, send)
            return
        too_large = problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the request body exceeds {self._max_bytes:,} bytes")
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdigit() and int(declared) > self._max_bytes:
            await too_large(scope, receive, send)
            return
        try:
            async with asyncio.timeout(self._timeout):
                messages = await self._receive_all(receive)
        except TimeoutError:
            late = problem(HTTPStatus.REQUEST_TIMEOUT, f"the request body timed out after {self._timeout:g} s")
            await late(scope, receive, send)
            return
        if messages is None:
            await too_large(scope, receive, send)
            return

        async def replay() -> Message:
            return messages.popleft() if messages else await receive()

        await self._app(scope, replay, send)

    async def _receive_all(self, receive: Receive) -> deque[Message] | None:
        """All messages up to the body's end; `None` when it is too large."""
        messages: deque[Message] = deque()
        size = 0
        while True:
            message = await receive()
            messages.append(message)
            size += len(message.get("body", b""))
            if size > self._max_bytes:
                return None
            if message["type"] == "http.disconnect" or not message.get("more_body", False):
                return messages
