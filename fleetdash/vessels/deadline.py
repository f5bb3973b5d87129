"""Sockets with one deadline over everything: `requests`' own time-out is per read, and a dripping ship beats it."""

import socket
import ssl
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection


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


class DeadlineAdapter(HTTPAdapter):
    """For one attempt: every connection it makes ends at `deadline`, in seconds of `time.monotonic`."""

    def __init__(self, deadline: float, context: Callable[[], ssl.SSLContext]) -> None:
        self._deadline = deadline
        self._context = context
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        pools = {"http": self._http_pool, "https": self._https_pool}
        self.poolmanager.pool_classes_by_scheme = pools  # type: ignore[assignment]  # urllib3 only calls them

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """The context has its authorities; loading requests' own for every connection costs 20 ms each."""

    def _http_pool(self, *args: Any, **kwargs: Any) -> HTTPConnectionPool:
        pool = HTTPConnectionPool(*args, **kwargs)
        pool.ConnectionCls = partial(_DeadlineConnection, deadline=self._deadline)  # type: ignore[assignment]  # urllib3 calls it, nothing else
        return pool

    def _https_pool(self, *args: Any, **kwargs: Any) -> HTTPSConnectionPool:
        pool = HTTPSConnectionPool(*args, **{**kwargs, "ssl_context": self._context()})
        pool.ConnectionCls = partial(_DeadlineTlsConnection, deadline=self._deadline)  # type: ignore[assignment]  # as above
        return pool
