"""HEAD wherever there is a GET, which FastAPI would refuse with 405."""

from starlette.types import ASGIApp, Receive, Scope, Send


class HeadAsGet:
    """Handles HEAD as GET; the server leaves the body out."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "HEAD":
            scope = {**scope, "method": "GET"}
        await self._app(scope, receive, send)
