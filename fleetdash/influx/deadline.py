"""A `requests` adapter whose connections share one deadline.

The timeout of `requests` applies to each read: a vessel that sends a byte per second never times out.
"""

import socket
import ssl
import time
from functools import partial
from typing import Any, Self, TypeVar

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager, ProxyManager
from urllib3.connection import HTTPConnection, HTTPSConnection

from fleetdash.config.tls import TlsFiles

M = TypeVar("M", bound=PoolManager)


class TunnelRefused(OSError):
    """The proxy answered CONNECT with an error."""


def _seconds_left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("the attempt's deadline has passed")
    return left


class _DeadlineSocket(socket.socket):
    """No read or write waits beyond `deadline`, in seconds of `time.monotonic`."""

    deadline: float

    @classmethod
    def take_over(cls, connected: socket.socket) -> Self:
        """The same connection; the socket passed in is closed for its previous owner."""
        return cls(connected.family, connected.type, connected.proto, fileno=connected.detach())

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(_seconds_left(self.deadline))
        return super().recv_into(*args, **kwargs)

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        self.settimeout(_seconds_left(self.deadline))
        super().sendall(*args, **kwargs)


class _DeadlineTlsSocket(_DeadlineSocket, ssl.SSLSocket):
    """Made by the TLS context; the handshake as a whole is bounded by the timeout of the connection."""

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        try:
            super().sendall(*args, **kwargs)
        except ssl.SSLEOFError as error:
            # urllib3 then reads what the vessel sent before it closed: why it refuses the connection
            raise BrokenPipeError from error


class _DeadlineConnection(HTTPConnection):
    """urllib3 accepts no factory for sockets."""

    def __init__(self, *args: Any, deadline: float, **kwargs: Any) -> None:
        self._deadline = deadline
        super().__init__(*args, **kwargs)

    def connect(self) -> None:
        self.timeout = _seconds_left(self._deadline)
        tunneling = self.proxy_is_tunneling
        try:
            super().connect()
        except OSError as error:
            # http.client has no separate type for it
            if tunneling and type(error) is OSError and error.errno is None:
                raise TunnelRefused from error
            raise
        if isinstance(self.sock, _DeadlineSocket):  # also that of TLS, which replaced ours
            self.sock.deadline = self._deadline

    def _new_conn(self) -> socket.socket:
        """Bounded from the start: the proxy's answer to CONNECT is read within `connect`. No public method serves."""
        sock = _DeadlineSocket.take_over(super()._new_conn())
        sock.deadline = self._deadline
        sock.settimeout(_seconds_left(self._deadline))
        return sock


class _DeadlineTlsConnection(_DeadlineConnection, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _DeadlineConnection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _DeadlineTlsConnection


def tls_context(files: TlsFiles) -> ssl.SSLContext:
    """Trusts the machine's certificate authorities unless the vessel has others. Takes 20 ms: share it."""
    context = ssl.create_default_context(cafile=files.ca_file)
    files.load_into(context)
    context.sslsocket_class = _DeadlineTlsSocket
    return context


class DeadlineAdapter(HTTPAdapter):
    """Makes the connections of one attempt; all of them end at `deadline`, in seconds of `time.monotonic`.

    `tls` is a context from `tls_context`; without one, an `https` address cannot be asked.
    """

    def __init__(self, deadline: float, tls: ssl.SSLContext | None) -> None:
        self._deadline = deadline
        self._tls = tls
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=self._tls, **kwargs)
        self._bound(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **proxy_kwargs: Any) -> ProxyManager:
        manager: ProxyManager = super().proxy_manager_for(proxy, ssl_context=self._tls, **proxy_kwargs)
        return self._bound(manager)

    def _bound(self, manager: M) -> M:
        """The manager, with pools whose connections end at the deadline."""
        pools = {"http": partial(_Pool, deadline=self._deadline), "https": partial(_TlsPool, deadline=self._deadline)}
        manager.pool_classes_by_scheme = pools  # type: ignore[assignment]  # urllib3 only calls them
        return manager

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Nothing to add: the context verifies. `requests` would load its own authorities for each connection."""
