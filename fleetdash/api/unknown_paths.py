"""404 and 405 for paths under `/api`: the page's catch-all, which takes any path, must not have them."""

from http import HTTPStatus

from fastapi import APIRouter, FastAPI
from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send

from fleetdash.serving.problems import problem


class UnknownCall:
    """404, or 405 with `Allow` where the path takes other methods.

    A class, since Starlette gives a route to a function the method GET only.
    """

    def __init__(self, router: APIRouter) -> None:
        self._router = router

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        allowed = self._allowed(scope)
        if allowed:
            detail = f"{scope['path']} takes {', '.join(allowed)} only"
            response = problem(HTTPStatus.METHOD_NOT_ALLOWED, detail, headers={"Allow": ", ".join(allowed)})
        else:
            response = problem(HTTPStatus.NOT_FOUND, f"there is no call {scope['path']}; see /docs")
        await response(scope, receive, send)

    def _allowed(self, scope: Scope) -> list[str]:
        routes = (route for route in self._router.routes if isinstance(route, Route))
        return sorted(
            method for route in routes if route.matches(scope)[0] is Match.PARTIAL for method in route.methods or ()
        )


def register(app: FastAPI, router: APIRouter) -> None:
    """Call it once all of `router` is in `app`: the first route that matches a path and its method is taken."""
    for path in ("/api", "/api/{rest:path}"):
        app.router.routes.append(Route(path, UnknownCall(router), include_in_schema=False))
