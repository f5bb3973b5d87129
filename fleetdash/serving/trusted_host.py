"""DNS rebinding: where only this machine can connect and nobody has to log in, only its own names are served.

Otherwise a page of another site could point its name at this address, and read the fleet from the browser of somebody
at this machine.
"""

import ipaddress
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from fleetdash.serving.problems import problem


class TrustedHost:
    """Refuses requests for a host name that anybody could have registered."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan" and not is_local(Headers(scope=scope).get("host", "")):
            refusal = problem(
                HTTPStatus.MISDIRECTED_REQUEST,
                "only this machine is served. Behind a proxy that sends its own host name, set server.trusted_proxies, "
                "or add accounts to the fleet file",
            )
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)


def is_local(host: str) -> bool:
    """Nobody can redirect an IP address; `localhost` is this machine for every browser."""
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
