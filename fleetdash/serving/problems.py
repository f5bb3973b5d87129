"""Errors under `/api` as RFC 9457 problem documents."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exception_handlers import http_exception_handler
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema
from starlette.exceptions import HTTPException

from fleetdash import errors

MEDIA_TYPE = "application/problem+json"

_STATUS_OF: dict[type[errors.FleetdashError], HTTPStatus] = {
    errors.NotAllowed: HTTPStatus.FORBIDDEN,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.RunUnderWay: HTTPStatus.CONFLICT,
    errors.BadCursor: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.SchedulerUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.StorageError: HTTPStatus.SERVICE_UNAVAILABLE,
}


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    model_config = ConfigDict(frozen=True)

    type: str = Field(default="about:blank", description="about:blank: `status` says it all.")
    title: str = Field(examples=["Not Found"])
    status: int = Field(description="The HTTP status.", examples=[404])
    detail: str = Field(description="For a person.", examples=["there is no vessel 'vessel999'"])
    run_id: str | SkipJsonSchema[None] = Field(
        default=None, exclude_if=lambda run_id: run_id is None, description="With 409: the run that is under way."
    )


def problem(
    status: int, detail: str, *, run_id: str | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    """A response with a problem document."""
    document = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail, run_id=run_id)
    return Response(document.model_dump_json(), status, {"Cache-Control": "no-store", **(headers or {})}, MEDIA_TYPE)


def problem_responses(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI description of the problems that a call may respond with."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status.value: {"description": status.phrase, "content": content} for status in statuses}


def register(app: FastAPI) -> None:
    """Respond to every error with a problem document."""
    for kind, status in _STATUS_OF.items():
        app.add_exception_handler(kind, _handler(status))
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _internal_error)


def _handler(status: HTTPStatus) -> Any:
    async def handle(_request: Request, error: Exception) -> Response:
        return problem(status, str(error), run_id=getattr(error, "run_id", None))

    return handle


async def _invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    # the first part of `loc` is where the parameter is: query, path or body
    wrong = (f"{'.'.join(str(part) for part in item['loc'][1:])}: {item['msg']}" for item in error.errors())
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "; ".join(wrong))


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if not request.url.path.startswith("/api"):
        return await http_exception_handler(request, error)
    return problem(error.status_code, error.detail, headers=error.headers)


async def _internal_error(_request: Request, _error: Exception) -> Response:
    """Without details: Starlette raises the error again after this, and the server logs it with its traceback."""
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal error; see the server's log")
