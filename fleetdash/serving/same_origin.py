"""Cross-site request forgery: no other site may start runs or listen in a user's name."""

from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from fleetdash.serving.problems import problem

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class SameOrigin:
    """Refuses every request that changes state, and every WebSocket, that a page of another site sends."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        checked = scope["type"] == "websocket" or (scope["type"] == "http" and scope["method"] not in _SAFE)
        if checked and not same_origin(HTTPConnection(scope)):
            refusal = problem(HTTPStatus.FORBIDDEN, "a page of another site may not do that")
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)


def same_origin(connection: HTTPConnection) -> bool:
    """True without an `Origin` header: browsers send one with every POST from a page and with every WebSocket.

    A proxy may rewrite `Host`; no script can forge `X-Forwarded-Host` or `Sec-Fetch-Site`.
    """
    headers = connection.headers
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    if site == "same-origin" or (origin is None and site != "cross-site"):
        return True
    if origin is None:
        return False
    return any(_same_host(origin, headers.get(name, "")) for name in ("host", "x-forwarded-host"))


def _same_host(origin: str, host: str) -> bool:
    """A host without a port matches any port: proxies often leave it out."""
    try:
        asking, asked = urlsplit(origin), urlsplit(f"//{host}")
        port = asking.port or {"http": 80, "https": 443}.get(asking.scheme)
        return bool(asking.hostname) and asking.hostname == asked.hostname and asked.port in (None, port)
    except ValueError:
        return False
