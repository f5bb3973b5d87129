"""Whether a browser's request comes from our own page: no other site may start runs or listen in our users' names."""

from urllib.parse import urlsplit

from starlette.requests import HTTPConnection


def same_origin(connection: HTTPConnection) -> bool:
    """True without an `Origin` header: browsers send one with every POST from a page and with every WebSocket.

    A proxy may rewrite `Host`; what it says in `X-Forwarded-Host`, and `Sec-Fetch-Site`, no script can forge.
    """
    headers = connection.headers
    origin = headers.get("origin")
    if origin is None or headers.get("sec-fetch-site") == "same-origin":
        return True
    return any(_same_host(origin, headers.get(name, "")) for name in ("host", "x-forwarded-host"))


def _same_host(origin: str, host: str) -> bool:
    """A host without a port stands for any: proxies often leave theirs out."""
    try:
        asking, asked = urlsplit(origin), urlsplit(f"//{host}")
        port = asking.port or {"http": 80, "https": 443}.get(asking.scheme)
        return bool(asking.hostname) and asking.hostname == asked.hostname and asked.port in (None, port)
    except ValueError:
        return False
