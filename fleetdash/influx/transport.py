"""One bounded HTTP exchange with a vessel; every failure becomes a `VesselQueryError`."""

import base64
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
from urllib3.exceptions import HTTPError

from fleetdash.config.settings import Credentials, InfluxEndpoint
from fleetdash.domain.clock import Clock
from fleetdash.errors import AnswerTooLarge, ConnectionLost, InvalidAnswer
from fleetdash.influx.deadline import DeadlineAdapter, tls_context
from fleetdash.influx.error_mapping import query_error

_CHUNK_BYTES = 65_536
_HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "gzip",
    "Content-Type": "application/x-www-form-urlencoded",
    "User-Agent": "fleetdash",
}
shared_tls_context = cache(tls_context)


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A vessel's HTTP response with its body decompressed. `sent_at` and `headers_at` are shore's clock around it.

    `framed`: the response declared its length; one that ends by closing may have been cut short.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    sent_at: datetime
    headers_at: datetime
    framed: bool = True


class Connection(Protocol):
    """A connection to one vessel's InfluxDB, usable until the attempt's deadline."""

    def query(self, form: Mapping[str, str]) -> HttpResponse:
        """Post a form to `/query`; raises `VesselQueryError`."""
        ...


class Transport(Protocol):
    """Opens connections to vessels."""

    def connect(self, endpoint: InfluxEndpoint) -> AbstractContextManager[Connection]: ...


class HttpTransport:
    """Connections over real HTTP, one per attempt: no redirects, no proxy but the endpoint's own."""

    def __init__(self, clock: Clock, max_response_bytes: int) -> None:
        self._clock = clock
        self._max_bytes = max_response_bytes

    @contextmanager
    def connect(self, endpoint: InfluxEndpoint) -> Iterator["HttpConnection"]:
        """A connection that opens with its first query and ends with the endpoint's timeout from now."""
        deadline = self._clock.monotonic() + endpoint.timeout_seconds
        tls = shared_tls_context(endpoint.tls) if endpoint.url.startswith("https:") else None
        # an adapter without a session: the session is what follows redirects and reads proxies and .netrc
        with closing(DeadlineAdapter(deadline, tls)) as adapter:
            yield HttpConnection(adapter, endpoint, self._clock, self._max_bytes)


class HttpConnection:
    """One connection for one or two queries; reopened by the adapter if the vessel closes it in between."""

    def __init__(self, adapter: HTTPAdapter, endpoint: InfluxEndpoint, clock: Clock, max_bytes: int) -> None:
        self._adapter = adapter
        self._url = f"{endpoint.url}/query"
        further = {name: value.get_secret_value() for name, value in endpoint.headers}
        self._headers = _HEADERS | _authorization(endpoint.credentials) | further
        self._proxies = {"http": endpoint.proxy, "https": endpoint.proxy} if endpoint.proxy else {}
        self._clock = clock
        self._timeout = endpoint.timeout_seconds
        self._max_bytes = max_bytes

    def query(self, form: Mapping[str, str]) -> HttpResponse:
        sent_at = self._clock.now()
        try:
            request = requests.Request("POST", self._url, self._headers, data=urlencode(form)).prepare()
            sending = self._adapter.send(request, stream=True, timeout=self._timeout, proxies=self._proxies)
            with sending as response:
                headers_at = self._clock.now()
                body = self._body(response)
        # errors in the body are urllib3's own; an impossible host name is a ValueError
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            raise query_error(error, self._timeout) from error
        framed = "Content-Length" in response.headers or "Transfer-Encoding" in response.headers
        return HttpResponse(response.status_code, response.headers, body, sent_at, headers_at, framed)

    def _body(self, response: requests.Response) -> bytes:
        """The decompressed body; never more than the limit in memory, however well it is compressed."""
        declared = response.headers.get("Content-Length", "")
        if declared.isdecimal() and int(declared) > self._max_bytes:
            raise self._too_large()
        decoder = _decoder(response.headers.get("Content-Encoding", "identity").strip().lower())
        received, body = 0, bytearray()
        for chunk in response.raw.stream(_CHUNK_BYTES, decode_content=False):
            received += len(chunk)
            body += decoder.feed(chunk, self._max_bytes + 1 - len(body))
            if max(received, len(body)) > self._max_bytes:
                raise self._too_large()
        decoder.check_complete()
        return bytes(body)

    def _too_large(self) -> AnswerTooLarge:
        return AnswerTooLarge(f"the vessel's answer is larger than {self._max_bytes:,} bytes")


class _Identity:
    def feed(self, chunk: bytes, _limit: int) -> bytes:
        return chunk

    def check_complete(self) -> None:
        """HTTP's own framing reveals a truncated body."""


class _Gzip:
    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(wbits=31)

    def feed(self, chunk: bytes, limit: int) -> bytes:
        try:
            return self._inflate.decompress(chunk, max(1, limit))
        except zlib.error as error:
            raise InvalidAnswer("the vessel's answer is declared as gzip but is not") from error

    def check_complete(self) -> None:
        if not self._inflate.eof:
            raise ConnectionLost("the vessel's answer was cut short")


def _decoder(encoding: str) -> _Identity | _Gzip:
    if encoding in ("", "identity"):
        return _Identity()
    if encoding in ("gzip", "x-gzip"):
        return _Gzip()
    raise InvalidAnswer("the vessel's answer has an unsupported Content-Encoding")


def _authorization(credentials: Credentials) -> dict[str, str]:
    """In a header: in the URL, which InfluxDB accepts too, they would end up in logs."""
    if credentials.token is not None:
        return {"Authorization": f"Token {credentials.token.get_secret_value()}"}
    if credentials.username is not None:
        password = credentials.password.get_secret_value() if credentials.password else ""
        basic = base64.b64encode(f"{credentials.username}:{password}".encode()).decode()
        return {"Authorization": f"Basic {basic}"}
    return {}
