"""Where nobody has to log in since only this machine can connect, only this machine's own names are answered.

A page of another site could else give its name our address (DNS rebinding), and read the fleet from the browser of
somebody who sits at this machine.
"""

import ipaddress
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from fleetdash.serving.problems import problem


class TrustedHost:
    """Refuses requests that were made to a name which anybody can register."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan" and not is_local(Headers(scope=scope).get("host", "")):
            refusal = problem(
                HTTPStatus.MISDIRECTED_REQUEST,
                "only this machine is served. If a proxy asks in its own name, set server.trusted_proxies, "
                "or write accounts into the fleet file",
            )
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)


def is_local(host: str) -> bool:
    """An address is nobody's to redirect; `localhost` is this machine for every browser."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    if not name or name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
