"""Connections with one deadline over everything: urllib3's own time-out is per read, and a dripping vessel beats it."""

import socket
import ssl
import time
from collections.abc import Callable
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util import Url


class _Deadline:
    """Before each operation a socket waits for no longer than what is left."""

    deadline: float = float("inf")

    def _bound(self) -> None:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the attempt's deadline has passed")
        if left != float("inf"):
            self.settimeout(left)  # type: ignore[attr-defined]  # both users are sockets


class _PlainSocket(_Deadline, socket.socket):
    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self._bound()
        return super().recv_into(*args, **kwargs)

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        self._bound()
        super().sendall(*args, **kwargs)


class _TlsSocket(_Deadline, ssl.SSLSocket):
    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self._bound()
        return super().recv_into(*args, **kwargs)

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        self._bound()
        super().sendall(*args, **kwargs)


class _DeadlineConnection(HTTPConnection):
    def __init__(self, *args: Any, deadline: float, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._deadline = deadline

    def _new_conn(self) -> socket.socket:
        self.timeout = max(0.001, self._deadline - time.monotonic())
        plain = super()._new_conn()
        timeout = plain.gettimeout()
        bounded = _PlainSocket(plain.family, plain.type, plain.proto, fileno=plain.detach())
        bounded.settimeout(timeout)
        bounded.deadline = self._deadline
        return bounded


class _DeadlineTlsConnection(_DeadlineConnection, HTTPSConnection):
    def connect(self) -> None:
        super().connect()
        assert isinstance(self.sock, _TlsSocket)
        self.sock.deadline = self._deadline


def tls_context() -> ssl.SSLContext:
    """The machine's own certificate authorities, so that a company's private one counts; made once, it is dear."""
    context = ssl.create_default_context()
    context.sslsocket_class = _TlsSocket
    return context


def connection_to(url: Url, deadline: float, context: Callable[[], ssl.SSLContext]) -> HTTPConnection:
    """To the vessel at `url`, opened with its first request, all of it over at `deadline`, by `time.monotonic`."""
    host = (url.host or "").strip("[]")
    if url.scheme == "https":
        return _DeadlineTlsConnection(host, url.port or 443, deadline=deadline, ssl_context=context())
    return _DeadlineConnection(host, url.port or 80, deadline=deadline)
