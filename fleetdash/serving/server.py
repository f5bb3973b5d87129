"""Serving an ASGI app on a socket of our own, until a signal ends it with exit code 0."""

import contextlib
import logging
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from types import FrameType
from typing import Any

import uvicorn
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from fleetdash.errors import ConfigurationError
from fleetdash.serving.frames import FRAMES

log = logging.getLogger(__name__)

_LARGEST_WEBSOCKET_MESSAGE = 64 * 1024

_SWITCH_SECONDS = 0.001
"""How long a busy thread keeps the others waiting, at most. An attempt comes back from the database and the line many
times, and would wait for Python's own 5 ms each time, while somebody reads much."""

_GRACE_SECONDS = 2
"""For answers under way when told to stop; the whole stop must be over within 5 s."""


def bind(host: str, port: int) -> socket.socket:
    """A listening socket, before anything else is started; raises `ConfigurationError` with what to do."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.create_server((host, port), family=family, backlog=2048)
        # asyncio does so for sockets that name their protocol, which those of create_server do not: without it the body
        # of an answer waits until the client has acknowledged its head, 40 ms
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
        return listening
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigurationError(
            f"cannot serve at {host}:{port}: {reason}; choose another with --host and --port"
        ) from None


def serve(
    app: Any,
    listening: socket.socket,
    *,
    on_signal: Callable[[], None] = lambda: None,
    trusted_proxies: Sequence[str] = (),
) -> None:
    """Serve until SIGINT or SIGTERM; `on_signal` is told at once, while requests still end."""
    sys.setswitchinterval(_SWITCH_SECONDS)
    with _signals_end_quietly():
        _Server(server_config(app, trusted_proxies), on_signal).run(sockets=[listening])


def server_config(app: Any, trusted_proxies: Sequence[str] = ()) -> uvicorn.Config:
    """`trusted_proxies`: whose X-Forwarded-For and X-Forwarded-Proto are taken for true."""
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        proxy_headers=bool(trusted_proxies),
        forwarded_allow_ips=list(trusted_proxies),
        ws=_FramesAsMade,
        # clients have nothing to say
        ws_max_size=_LARGEST_WEBSOCKET_MESSAGE,
        # 200 clients would cost 60 MB and half a core for messages of 500 bytes
        ws_per_message_deflate=False,
    )


class _FramesAsMade(WebSocketsSansIOProtocol):
    """Takes frames that the app made, several at once: 200 clients of a run would cost half a second else."""

    async def send(self, message: Any) -> None:
        if FRAMES not in message:
            await super().send(message)
            return
        await self.writable.wait()
        if self.disconnected or self.close_sent:
            raise ClientDisconnected
        self.transport.write(message[FRAMES])


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, on_signal: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_signal = on_signal

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._on_signal()
        super().handle_exit(sig, frame)


@contextlib.contextmanager
def _signals_end_quietly() -> Iterator[None]:
    """uvicorn raises the signal again on its way out, which would make the exit code 143."""
    before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
