"""Responses with an ETag: a client that already has the body gets 304 without one (RFC 9110, 13)."""

from hashlib import blake2b

from fastapi import Request, Response
from pydantic import BaseModel


def json_response(request: Request, model: BaseModel) -> Response:
    """Serialised here, in the route's thread: FastAPI would do it on the event loop."""
    return conditional(request, model.model_dump_json().encode(), "application/json")


def etag_of(body: bytes) -> str:
    """A strong ETag: a hash of the body."""
    return f'"{blake2b(body, digest_size=16).hexdigest()}"'


def conditional(
    request: Request, body: bytes, media_type: str, headers: dict[str, str] | None = None, etag: str | None = None
) -> Response:
    """200 with `body`, or 304 when the client already has it. `etag`: computed from `body` unless given."""
    etag = etag or etag_of(body)
    # revalidate each time; otherwise a browser guesses how long the response stays fresh
    headers = {**(headers or {}), "ETag": etag, "Cache-Control": "no-cache"}
    if _matches(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)


def _matches(if_none_match: str, etag: str) -> bool:
    """Weak comparison (RFC 9110, 13.1.2): a proxy that compresses weakens the ETag."""
    etags = {item.strip().removeprefix("W/") for item in if_none_match.split(",")}
    return etag in etags or "*" in etags
