"""Serves an ASGI app on a socket until a signal ends it with exit code 0."""

import contextlib
import logging
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from types import FrameType
from typing import Any

import uvicorn

from fleetdash.errors import ConfigurationError

log = logging.getLogger(__name__)

_MAX_WEBSOCKET_MESSAGE = 64 * 1024

_KEEP_ALIVE_SECONDS = 75

_GRACE_SECONDS = 2
"""For requests in progress at shutdown; the whole shutdown must be over within 5 s."""


def bind(host: str, port: int) -> socket.socket:
    """A listening socket, before anything else is started; raises `ConfigurationError` with what to do."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.create_server((host, port), family=family, backlog=2048)
        # asyncio sets this only on sockets that name their protocol, which those of create_server do not; without it a
        # response's body waits 40 ms, until the client has acknowledged the headers
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
    """Serve until SIGINT or SIGTERM; `on_signal` is called at once, while requests still finish."""
    with _signals_end_quietly():
        _Server(server_config(app, trusted_proxies), on_signal).run(sockets=[listening])


def server_config(app: Any, trusted_proxies: Sequence[str] = ()) -> uvicorn.Config:
    """`trusted_proxies`: the addresses whose X-Forwarded-For and X-Forwarded-Proto are believed."""
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        # longer than a page's interval, or every poll opens a connection, and one in ten finds its own closed
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        proxy_headers=bool(trusted_proxies),
        forwarded_allow_ips=list(trusted_proxies),
        ws="websockets-sansio",
        # clients have nothing to say
        ws_max_size=_MAX_WEBSOCKET_MESSAGE,
        # 200 clients would cost 60 MB and half a core for messages of 500 bytes
        ws_per_message_deflate=False,
    )


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
