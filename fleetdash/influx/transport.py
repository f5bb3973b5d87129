"""One bounded exchange with a vessel over HTTP; every fault becomes one of our errors."""

import base64
import zlib
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from http.client import HTTPException
from typing import Protocol
from urllib.parse import urlencode

from urllib3.connection import HTTPConnection
from urllib3.exceptions import HTTPError
from urllib3.response import HTTPResponse
from urllib3.util import Url, parse_url

from fleetdash.config.settings import Credentials
from fleetdash.domain.clock import Clock
from fleetdash.errors import AnswerTooLarge, ConnectionLost, InvalidAnswer
from fleetdash.influx.deadline import connection_to, tls_context
from fleetdash.influx.error_mapping import query_error

_CHUNK_BYTES = 65_536
_HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "gzip",
    "Content-Type": "application/x-www-form-urlencoded",
    "User-Agent": "fleetdash",
}
shared_tls_context = cache(tls_context)
_parsed = lru_cache(maxsize=4096)(parse_url)  # a fleet's addresses are the same in every run


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A vessel's HTTP answer, unpacked. `sent_at` and `headers_at` are shore's clock around it.

    `framed`: the answer said where it ends; one that ends by closing may have been cut short.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    sent_at: datetime
    headers_at: datetime
    framed: bool = True


class Connection(Protocol):
    """An open line to one vessel, good until the attempt's deadline."""

    def post(self, url: str, form: Mapping[str, str], credentials: Credentials) -> HttpResponse:
        """Send a form; raises `VesselQueryError`."""
        ...


class Transport(Protocol):
    """Makes lines."""

    def line(self, timeout_seconds: float) -> AbstractContextManager[Connection]: ...


class HttpTransport:
    """Lines over real HTTP: no redirects, no proxies from the environment, one connection an attempt."""

    def __init__(self, clock: Clock, max_response_bytes: int) -> None:
        self._clock = clock
        self._max_bytes = max_response_bytes

    @contextmanager
    def line(self, timeout_seconds: float) -> Iterator["HttpConnection"]:
        with closing(HttpConnection(self._clock, timeout_seconds, self._max_bytes)) as line:
            yield line


class HttpConnection:
    """One connection, used for one or two requests.

    urllib3's own, without the pools, cookies and retries of `requests`, which cost as much again as the exchange.
    """

    def __init__(self, clock: Clock, timeout_seconds: float, max_bytes: int) -> None:
        self._clock = clock
        self._timeout = timeout_seconds
        self._deadline = clock.monotonic() + timeout_seconds
        self._max_bytes = max_bytes
        self._connection: HTTPConnection | None = None

    def post(self, url: str, form: Mapping[str, str], credentials: Credentials) -> HttpResponse:
        sent_at = self._clock.now()
        try:
            with self._send(_parsed(url), urlencode(form), credentials) as response:
                headers_at = self._clock.now()
                body = self._body(response)
        # urllib3 passes the errors of sockets on, and a host that is no host is a ValueError
        except (HTTPError, HTTPException, OSError, ValueError) as error:
            raise query_error(error, self._timeout) from error
        framed = "Content-Length" in response.headers or "Transfer-Encoding" in response.headers
        return HttpResponse(response.status, response.headers, body, sent_at, headers_at, framed)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def _send(self, url: Url, body: str, credentials: Credentials) -> HTTPResponse:
        """The answer, up to its headers."""
        connection = self._connected(url)
        headers = _HEADERS | _authorization(credentials)
        # a vessel that refuses may close before it has read everything: its answer counts
        with suppress(BrokenPipeError):
            connection.request("POST", url.request_uri, body, headers, preload_content=False, decode_content=False)
        return connection.getresponse()

    def _connected(self, url: Url) -> HTTPConnection:
        """The line's one connection; when the vessel has closed it in between, it opens again by itself."""
        if self._connection is None:
            self._connection = connection_to(url, self._deadline, shared_tls_context)
        elif not self._connection.is_connected:
            self._connection.close()
        return self._connection

    def _body(self, response: HTTPResponse) -> bytes:
        """The unpacked body, never more in memory than allowed, however well it was packed."""
        declared = response.headers.get("Content-Length", "")
        if declared.isdecimal() and int(declared) > self._max_bytes:
            raise self._too_large()
        unpack = _unpacker(response.headers.get("Content-Encoding", "identity").strip().lower())
        received, body = 0, bytearray()
        for chunk in response.stream(_CHUNK_BYTES, decode_content=False):
            received += len(chunk)
            body += unpack.feed(chunk, self._max_bytes + 1 - len(body))
            if max(received, len(body)) > self._max_bytes:
                raise self._too_large()
        unpack.check_complete()
        return bytes(body)

    def _too_large(self) -> AnswerTooLarge:
        return AnswerTooLarge(f"the vessel's answer is larger than {self._max_bytes:,} bytes")


class _Identity:
    def feed(self, chunk: bytes, _room: int) -> bytes:
        return chunk

    def check_complete(self) -> None:
        """A cut is told by the framing alone."""


class _Gzip:
    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(wbits=31)

    def feed(self, chunk: bytes, room: int) -> bytes:
        try:
            return self._inflate.decompress(chunk, max(1, room))
        except zlib.error as error:
            raise InvalidAnswer("the vessel's answer says that it is gzip, and is not") from error

    def check_complete(self) -> None:
        if not self._inflate.eof:
            raise ConnectionLost("the vessel's answer ended in the middle")


def _unpacker(encoding: str) -> _Identity | _Gzip:
    if encoding in ("", "identity"):
        return _Identity()
    if encoding in ("gzip", "x-gzip"):
        return _Gzip()
    raise InvalidAnswer("the vessel's answer is packed in a way that was not asked for")


def _authorization(credentials: Credentials) -> dict[str, str]:
    """In a header: in the URL, as InfluxDB also takes them, they would stand in logs."""
    if credentials.token is not None:
        return {"Authorization": f"Token {credentials.token.get_secret_value()}"}
    if credentials.username is not None:
        password = credentials.password.get_secret_value() if credentials.password else ""
        basic = base64.b64encode(f"{credentials.username}:{password}".encode()).decode()
        return {"Authorization": f"Basic {basic}"}
    return {}
