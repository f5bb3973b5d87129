"""What a call answers with: JSON or CSV, with an ETag, so that asking again for the same costs no body."""

from hashlib import blake2b

from fastapi import Request, Response
from pydantic import BaseModel


def json_answer(request: Request, model: BaseModel) -> Response:
    """Serialised here, in the route's own thread: FastAPI would do it on the event loop."""
    return conditional(request, model.model_dump_json().encode(), "application/json")


def etag_of(body: bytes) -> str:
    """Another one whenever the body is."""
    return f'"{blake2b(body, digest_size=16).hexdigest()}"'


def conditional(
    request: Request, body: bytes, media_type: str, headers: dict[str, str] | None = None, etag: str | None = None
) -> Response:
    """200 with `body`, or 304 when the client holds it already. `etag`: the body's, where it is known."""
    etag = etag or etag_of(body)
    # to be asked for anew each time, or a browser would guess how long the answer stays good
    headers = {**(headers or {}), "ETag": etag, "Cache-Control": "no-cache"}
    if _holds(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)


def _holds(if_none_match: str, etag: str) -> bool:
    """Weak comparison (RFC 9110, 13.1.2): a proxy that compresses makes our ETag a weak one."""
    held = {item.strip().removeprefix("W/") for item in if_none_match.split(",")}
    return etag in held or "*" in held
