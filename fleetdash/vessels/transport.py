"""One bounded exchange with a ship over HTTP; every fault becomes one of our errors."""

import zlib
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Protocol
from urllib.parse import urlencode

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase, HTTPBasicAuth
from urllib3.exceptions import HTTPError

from fleetdash.domain.clock import Clock
from fleetdash.errors import AnswerTooLarge, ConnectionLost, InvalidAnswer
from fleetdash.settings import Credentials
from fleetdash.vessels.deadline import DeadlineAdapter, tls_context
from fleetdash.vessels.faults import query_error

_CHUNK_BYTES = 65_536
_HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "gzip",
    "Content-Type": "application/x-www-form-urlencoded",
    "User-Agent": "fleetdash",
}
shared_tls_context = cache(tls_context)


@dataclass(frozen=True, slots=True)
class Reply:
    """A ship's HTTP answer, unpacked. `sent_at` and `headers_at` are shore's clock around it.

    `framed`: the answer said where it ends; one that ends by closing may have been cut short.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    sent_at: datetime
    headers_at: datetime
    framed: bool = True


class Line(Protocol):
    """An open line to one ship, good until the attempt's deadline."""

    def post(self, url: str, form: Mapping[str, str], credentials: Credentials) -> Reply:
        """Send a form; raises `VesselQueryError`."""
        ...


class Transport(Protocol):
    """Makes lines."""

    def line(self, timeout_seconds: float) -> AbstractContextManager[Line]: ...


class HttpTransport:
    """Lines over real HTTP: no redirects, no proxies from the environment, one connection an attempt."""

    def __init__(self, clock: Clock, max_response_bytes: int) -> None:
        self._clock = clock
        self._max_bytes = max_response_bytes

    @contextmanager
    def line(self, timeout_seconds: float) -> Iterator["HttpLine"]:
        # without a session: that is what follows redirects, and looks for proxies and .netrc
        deadline = self._clock.monotonic() + timeout_seconds
        with closing(DeadlineAdapter(deadline, shared_tls_context)) as adapter:
            yield HttpLine(adapter, self._clock, timeout_seconds, self._max_bytes)


class HttpLine:
    """One connection, used for one or two requests."""

    def __init__(self, adapter: HTTPAdapter, clock: Clock, timeout_seconds: float, max_bytes: int) -> None:
        self._adapter = adapter
        self._clock = clock
        self._timeout = timeout_seconds
        self._max_bytes = max_bytes

    def post(self, url: str, form: Mapping[str, str], credentials: Credentials) -> Reply:
        sent_at = self._clock.now()
        try:
            request = requests.Request("POST", url, _HEADERS, data=urlencode(form), auth=_authorization(credentials))
            with self._adapter.send(request.prepare(), stream=True, timeout=self._timeout) as response:
                headers_at = self._clock.now()
                body = self._body(response)
        # a body's faults come as urllib3's own, and a host that is no host as a ValueError
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            raise query_error(error, self._timeout) from error
        framed = "Content-Length" in response.headers or "Transfer-Encoding" in response.headers
        return Reply(response.status_code, response.headers, body, sent_at, headers_at, framed)

    def _body(self, response: requests.Response) -> bytes:
        """The unpacked body, never more in memory than allowed, however well it was packed."""
        declared = response.headers.get("Content-Length", "")
        if declared.isdecimal() and int(declared) > self._max_bytes:
            raise self._too_large()
        unpack = _unpacker(response.headers.get("Content-Encoding", "identity").strip().lower())
        received, body = 0, bytearray()
        for chunk in response.raw.stream(_CHUNK_BYTES, decode_content=False):
            received += len(chunk)
            body += unpack.feed(chunk, self._max_bytes + 1 - len(body))
            if max(received, len(body)) > self._max_bytes:
                raise self._too_large()
        unpack.check_complete()
        return bytes(body)

    def _too_large(self) -> AnswerTooLarge:
        return AnswerTooLarge(f"the ship's answer is larger than {self._max_bytes:,} bytes")


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
            raise InvalidAnswer("the ship's answer says that it is gzip, and is not") from error

    def check_complete(self) -> None:
        if not self._inflate.eof:
            raise ConnectionLost("the ship's answer ended in the middle")


def _unpacker(encoding: str) -> _Identity | _Gzip:
    if encoding in ("", "identity"):
        return _Identity()
    if encoding in ("gzip", "x-gzip"):
        return _Gzip()
    raise InvalidAnswer("the ship's answer is packed in a way that was not asked for")


class _Token(AuthBase):
    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Token {self._token}"
        return request


def _authorization(credentials: Credentials) -> AuthBase | None:
    """In a header: in the URL, as InfluxDB also takes them, they would stand in logs."""
    if credentials.token is not None:
        return _Token(credentials.token.get_secret_value())
    if credentials.username is not None:
        password = credentials.password.get_secret_value() if credentials.password else ""
        return HTTPBasicAuth(credentials.username.encode(), password.encode())
    return None
