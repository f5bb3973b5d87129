"""What pages ask alike is answered once for all of them: 200 pages poll every second while a run is under way."""

import asyncio
import json
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

import anyio.to_thread
from anyio import CapacityLimiter
from dash.development.base_component import Component
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fleetdash.domain.access import is_operator_calling
from fleetdash.web import ids
from fleetdash.web.callbacks.refresh import Freshness, nothing_new

LOOK_SECONDS = 0.5
"""How long what one poll found out is good for the others. Each look during a run finds another version, and all pages
then fetch what they show anew: with ten looks a second that would slow runs down."""

SHARED_SECONDS = 1.0
"""How long an answer is good for others. It is never older than the version that they know; but some tell the time."""

MOST_ANSWERS = 64
_LARGEST_QUESTION = 16_384

StatusStyle = tuple[str | None, list[Component | str]]


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole one, to be sent any number of times."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""

    async def send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status, "headers": list(self.headers)})
        await send({"type": "http.response.body", "body": self.body})


NOTHING_NEW = Answer(204)


class SharedAnswers:
    """Answers in front of Dash, on the event loop, what is known already; everything else goes on to Dash.

    1. A poll that finds nothing new is answered here.
    2. A poll that does, and whatever has the version among its inputs, only reads: it is answered alike for all who ask
       the same in the same role. The first is asked of Dash, and the others wait for its answer.

    Stands behind the door. `own_page`: whether a page of ours asks; others go on too, to be refused.
    """

    def __init__(self, app: ASGIApp, freshness: Freshness, own_page: Callable[[HTTPConnection], bool]) -> None:
        self._app = app
        self._shared_look = _SharedLook(freshness)
        self._own_page = own_page
        self._answers: dict[Hashable, asyncio.Task[Answer]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = scope["type"] == "http" and scope["method"] == "POST" and scope["path"] == "/_dash-update-component"
        if not asked or not self._own_page(HTTPConnection(scope)):
            await self._app(scope, receive, send)
            return
        messages, body = await _whole(receive)

        async def again() -> Message:
            return messages.pop(0) if messages else await receive()

        answer = await self._answer(body, scope, again)
        if answer is None:
            await self._app(scope, again, send)
        else:
            await answer.send(send)

    async def _answer(self, body: bytes, scope: Scope, receive: Receive) -> Answer | None:
        """One to be shared, or `None` where everyone needs one of their own."""
        match _read(body):
            case {
                "inputs": [{"id": ids.REFRESH_INTERVAL, "property": "n_intervals", "value": int()} as ticks],
                "state": [{"id": ids.VERSION, "value": known}, _, {"id": ids.OLDER_DATA, "value": hidden}],
            } as poll:
                version, older = await self._shared_look()
                if nothing_new(version, older, known=known, hidden=hidden):
                    return NOTHING_NEW
                ticks["value"] = 0  # the only thing in which the polls of two pages differ
                question: Hashable = version and (version, json.dumps(poll, sort_keys=True))
            case {"inputs": [*inputs]} if any(_is_version(each) for each in inputs):
                question = body
            case _:
                return None
        if question is None:
            return None
        return await self._shared(
            (is_operator_calling(), Headers(scope=scope).get("accept-encoding"), question), scope, receive
        )

    async def _shared(self, key: Hashable, scope: Scope, receive: Receive) -> Answer | None:
        task = self._answers.get(key)
        if task is None:
            if len(self._answers) >= MOST_ANSWERS:
                return None
            # a task of its own: whoever asked first may leave before the others have it
            task = self._answers[key] = asyncio.create_task(self._asked(scope, receive))
            task.add_done_callback(lambda _: self._keep_for_a_while(key))
        return await asyncio.shield(task)

    def _keep_for_a_while(self, key: Hashable) -> None:
        asyncio.get_running_loop().call_later(SHARED_SECONDS, self._answers.pop, key, None)

    async def _asked(self, scope: Scope, receive: Receive) -> Answer:
        started: Message = {}
        body = bytearray()

        async def take(message: Message) -> None:
            if message["type"] == "http.response.start":
                started.update(message)
            else:
                body.extend(message.get("body", b""))

        await self._app(scope, receive, take)
        return Answer(started["status"], tuple(started["headers"]), bytes(body))


class _SharedLook:
    """What `Freshness` says, looked for once in `LOOK_SECONDS` however many ask."""

    def __init__(self, freshness: Freshness) -> None:
        self._freshness = freshness
        self._task: asyncio.Task[StatusStyle] | None = None
        # a thread of its own: polls must not queue up behind whoever reads much
        self._thread = CapacityLimiter(1)

    async def __call__(self) -> StatusStyle:
        if self._task is None:
            self._task = asyncio.create_task(self._look())
        return await asyncio.shield(self._task)

    async def _look(self) -> StatusStyle:
        try:
            return await anyio.to_thread.run_sync(self._freshness.look, limiter=self._thread)
        finally:
            asyncio.get_running_loop().call_later(LOOK_SECONDS, self._forget)

    def _forget(self) -> None:
        self._task = None


async def _whole(receive: Receive) -> tuple[list[Message], bytes]:
    """A request's messages, and the body that they carry."""
    messages = [await receive()]
    while messages[-1].get("more_body", False):
        messages.append(await receive())
    return messages, b"".join(message.get("body", b"") for message in messages)


def _read(body: bytes) -> Any:
    try:
        return json.loads(body) if len(body) <= _LARGEST_QUESTION else None
    except (ValueError, RecursionError):
        return None


def _is_version(asked: object) -> bool:
    return isinstance(asked, dict) and asked.get("id") == ids.VERSION
