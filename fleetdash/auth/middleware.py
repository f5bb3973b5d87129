"""Says who is calling, for every request and every WebSocket, and refuses those who may not."""

from http import HTTPStatus
from urllib.parse import quote

from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from fleetdash.auth.authenticator import Authenticator, TooManyAttempts, address_of
from fleetdash.auth.paths import HEALTH, LOGIN, LOGOUT, STYLE
from fleetdash.domain.access import Caller, Role, acting_as
from fleetdash.serving.problems import problem

PUBLIC = frozenset({LOGIN, STYLE, HEALTH})
"""Open to everyone; of health only its status."""

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_VIEWERS_TOO = frozenset({LOGIN, LOGOUT, "/_dash-update-component"})
"""What everyone who is logged in may post: Dash's callbacks go by POST."""

_PROGRAMS = ("/api", "/ws/", "/metrics", "/openapi.json", "/_dash", "/assets/")
"""Addresses that a person does not open: refused with 401, not sent to the login page."""


class AnonymousMiddleware:
    """Where nobody has to log in: everyone is an operator without a name."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        with acting_as(Caller("", Role.OPERATOR, address_of(HTTPConnection(scope)))):
            await self._app(scope, receive, send)


class AuthMiddleware:
    """Lets through those whom the authenticator recognizes, and everyone to the public addresses."""

    def __init__(self, app: ASGIApp, authenticator: Authenticator, prefix: str) -> None:
        self._app = app
        self._authenticator = authenticator
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        try:
            caller = await self._authenticator.caller(connection)
        except TooManyAttempts as error:
            await _too_many_attempts(error)(scope, receive, send)
            return
        refusal = self._refusal(connection, caller)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        with acting_as(caller):
            await self._app(scope, receive, send)

    def _refusal(self, connection: HTTPConnection, caller: Caller | None) -> Response | None:
        scope = connection.scope
        if caller is None:
            is_public = scope["type"] == "http" and scope["path"] in PUBLIC
            return None if is_public else self._ask_to_log_in(connection)
        safe = scope["type"] == "websocket" or scope["method"] in _SAFE or scope["path"] in _VIEWERS_TOO
        if not safe and not caller.is_operator:
            return problem(HTTPStatus.FORBIDDEN, f"{caller.name} is a viewer; that takes an operator")
        return None

    def _ask_to_log_in(self, connection: HTTPConnection) -> Response:
        scope = connection.scope
        opened_by_a_person = (
            scope["type"] == "http"
            and scope["method"] in ("GET", "HEAD")
            and not scope["path"].startswith(_PROGRAMS)
            and "text/html" in connection.headers.get("accept", "")
        )
        if opened_by_a_person:
            # as it was sent: a "?" or "/" in a vessel's id must not become one of the address
            wanted = scope["raw_path"].decode("ascii", "replace")
            wanted += f"?{connection.url.query}" if connection.url.query else ""
            response = RedirectResponse(f"{self._prefix}login?next={quote(wanted)}", HTTPStatus.SEE_OTHER)
            response.headers["Cache-Control"] = "no-store"
            return response
        return problem(
            HTTPStatus.UNAUTHORIZED,
            "log in on the page, or send an API key: Authorization: Bearer KEY",
            headers={"WWW-Authenticate": 'Bearer realm="fleetdash"'},
        )


def _too_many_attempts(error: TooManyAttempts) -> Response:
    return problem(HTTPStatus.TOO_MANY_REQUESTS, str(error), headers={"Retry-After": str(round(error.seconds + 0.5))})
