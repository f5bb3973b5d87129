"""How the OpenAPI document describes authentication, where it is required."""

from http import HTTPStatus
from typing import Any

from fleetdash.serving.problems import problem_responses

_SCHEMES = {
    "apiKey": {"type": "http", "scheme": "bearer", "description": "A key made with `make-api-key`."},
    "session": {"type": "apiKey", "in": "cookie", "name": "fleetdash_session", "description": "A login on the page."},
}
_PUBLIC = "/api/health"


def describe_security(document: dict[str, Any]) -> None:
    """Every call takes a key or a session; health also gives its status without one."""
    document["components"]["securitySchemes"] = _SCHEMES
    either: list[dict[str, list[str]]] = [{name: []} for name in _SCHEMES]
    for path, calls in document["paths"].items():
        for method, call in calls.items():
            call["security"] = [*either, {}] if path == _PUBLIC else either
            refusals = [HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS]
            if method == "post":
                refusals.append(HTTPStatus.FORBIDDEN)
            for status, response in problem_responses(*refusals).items():
                call["responses"].setdefault(str(status), response)
