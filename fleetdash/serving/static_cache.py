"""Scripts and styles: compressed once, and cached by browsers under an address that changes with their content."""

import gzip
import re
from functools import lru_cache
from hashlib import blake2b

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_STATIC = ("/_dash-component-suites/", "/assets/", "/bootstrap/")

_BY_CONTENT = re.compile(r"\.v\d\w*m\d+\.")
"""In the addresses that Dash makes from a package's version and the time of its build."""

_IMMUTABLE = "public, max-age=31536000, immutable"


def by_content(address: str, content: bytes) -> str:
    """`address` with a query string that changes with the content."""
    return f"{address}?v={blake2b(content, digest_size=8).hexdigest()}"


@lru_cache(maxsize=64)
def _compressed(body: bytes) -> bytes:
    return gzip.compress(body, 9, mtime=0)


class StaticCache:
    """Compresses each static file once, and lets browsers keep what is addressed by its content."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(_STATIC):
            await self._app(scope, receive, send)
            return
        immutable = b"v=" in scope["query_string"] or _BY_CONTENT.search(scope["path"]) is not None
        zipped = "gzip" in Headers(scope=scope).get("accept-encoding", "")
        await self._app(scope, receive, _Sender(send, immutable=immutable, zipped=zipped))


class _Sender:
    """Holds a response back until it is complete."""

    def __init__(self, send: Send, *, immutable: bool, zipped: bool) -> None:
        self._send = send
        self._immutable = immutable
        self._zipped = zipped
        self._start: Message = {}
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        self._body += message.get("body", b"")
        if message.get("more_body"):
            return
        headers = MutableHeaders(raw=self._start["headers"])
        if self._immutable and self._start["status"] in (200, 304):
            headers["Cache-Control"] = _IMMUTABLE
        if self._zipped and self._start["status"] == 200 and _is_text(headers):
            self._body = _compressed(self._body)
            headers["Content-Encoding"] = "gzip"
            headers["Content-Length"] = str(len(self._body))
        if _is_text(headers):
            headers.add_vary_header("Accept-Encoding")
        await self._send(self._start)
        await self._send({"type": "http.response.body", "body": self._body})


def _is_text(headers: MutableHeaders) -> bool:
    kind = headers.get("content-type", "")
    return kind.startswith("text/") or "javascript" in kind or "json" in kind or "svg" in kind
