"""Headers that limit what a browser does with a response."""

from collections.abc import Iterable

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


def content_security_policy(script_hashes: Iterable[str]) -> str:
    """Everything from this origin, nothing from elsewhere, no inline script but those with these hashes.

    Dash and Swagger UI set styles in the page, which cannot be hashed; plotly and Bootstrap use data: images.
    """
    scripts = " ".join(["'self'", *script_hashes])
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src {scripts}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


class SecurityHeaders:
    """Adds them to every response; the long ones to pages only, so that a poll that finds nothing new stays tiny."""

    def __init__(self, app: ASGIApp, policy: str) -> None:
        self._app = app
        self._for_pages = {
            "Content-Security-Policy": policy,
            "X-Frame-Options": "DENY",
            "Cross-Origin-Opener-Policy": "same-origin",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_secured(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] not in (204, 304):
                headers = MutableHeaders(scope=message)
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "same-origin"
                if headers.get("content-type", "").startswith("text/html"):
                    for name, value in self._for_pages.items():
                        headers.setdefault(name, value)  # the report's own policy is stricter
            await send(message)

        await self._app(scope, receive, send_secured)
