"""InfluxDB's response -> rows per statement and device, or an error that names the problem. Nothing is trusted."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, NoReturn

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fleetdash.errors import (
    AuthenticationFailed,
    ConnectionLost,
    InvalidAnswer,
    Misconfigured,
    QueryTimeout,
    RateLimited,
    ServerError,
    VesselQueryError,
)
from fleetdash.influx.headers import retry_after
from fleetdash.influx.transport import HttpResponse

MAX_SERIES = 5_000
"""More devices than any vessel has."""

_MAX_RESULTS = 2 * MAX_SERIES
_MAX_TAGS = 100
_QUOTED_CHARACTERS = 160
_NOT_EXECUTED = "not executed"


class NotExecuted(ServerError):
    """One of several statements failed and InfluxDB does not say why; asked alone, it does."""

    def __init__(self, position: int) -> None:
        super().__init__("the vessel's InfluxDB says: not executed")
        self.position = position


Rows = Sequence[tuple[int, float | None]]
"""One device's rows in the result of a statement: seconds since 1970 and a value; the mean of nothing is `None`."""


class _Model(BaseModel):
    model_config = ConfigDict(strict=True, allow_inf_nan=False)


_Number = Annotated[float, Field(gt=-1e15, lt=1e15)]


# lists stop at their first error: five megabytes of wrong items would be a million errors
class _Series(_Model):
    columns: tuple[Literal["time"], str]
    values: Annotated[list[tuple[int, _Number | None]], Field(fail_fast=True)]
    tags: Annotated[dict[str, Any], Field(max_length=_MAX_TAGS)] = {}
    partial: bool = False


class _Result(_Model):
    series: Annotated[list[_Series], Field(max_length=MAX_SERIES, fail_fast=True)] = []
    error: str = ""
    partial: bool = False


class _Document(_Model):
    results: Annotated[list[_Result], Field(max_length=_MAX_RESULTS, fail_fast=True)] | None = None
    error: str = ""


class _ErrorDocument(_Model):
    error: str = ""


def results(response: HttpResponse, statements: int, device_tag: str) -> list[dict[str, Rows]]:
    """Per statement, the rows of each device; key "" for rows without a device. Raises `VesselQueryError`."""
    if response.status != 200:
        raise _error_from_status(response)
    document = _document(response)
    if document.error:
        raise _error_from_text([document.error])
    if document.results is None:
        _invalid("it has no results")
    errors = [result.error for result in document.results if result.error]
    if set(errors) == {_NOT_EXECUTED} and statements > 1:
        raise NotExecuted(min(len(document.results), statements) - 1)
    if errors:
        raise _error_from_text(errors)
    if len(document.results) != statements:
        _invalid(f"it has {len(document.results)} results for {statements} statements")
    return [_rows_by_device(result, device_tag) for result in document.results]


def _document(response: HttpResponse) -> _Document:
    try:
        return _Document.model_validate_json(response.body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        if first["type"] == "json_invalid":
            raise _not_json(response) from None
        place = ".".join(map(str, first["loc"])) or "the document"
        _invalid(f"it is not what InfluxDB sends: {_quoted(place)}: {first['msg']}", error)


def _not_json(response: HttpResponse) -> VesselQueryError:
    start = response.body.lstrip()[:1]
    if not response.framed and start in (b"", b"{"):
        return ConnectionLost("the vessel's answer was cut short")
    return _unusable("its JSON is broken" if start in (b"{", b"[") else "it is not JSON")


def _error_from_status(response: HttpResponse) -> VesselQueryError:
    """For an HTTP status other than 200 (R3.4)."""
    text = _error_text(response)
    status = response.status
    if 300 <= status < 400:
        return Misconfigured(f"the vessel redirects elsewhere (HTTP {status}); correct its url in the fleet file")
    if status == 429:
        return RateLimited(f"the vessel limits our requests (HTTP 429){text}", retry_after(response))
    if status in (401, 403):
        if "database not found" in text:  # what a user without rights to the database gets
            return Misconfigured(f"the vessel has no such database{text}")
        return AuthenticationFailed(f"the vessel refuses our user, password or token (HTTP {status}){text}")
    if 400 <= status < 500:
        return Misconfigured(f"the vessel cannot answer the query (HTTP {status}){text}")
    if status >= 500:
        return ServerError(f"the vessel's server has an error (HTTP {status}){text}")
    return InvalidAnswer(f"the vessel's answer is not what InfluxDB sends (HTTP {status})")


def _error_text(response: HttpResponse) -> str:
    """InfluxDB's own error message after a colon, or "" if the body has none."""
    try:
        error = _ErrorDocument.model_validate_json(response.body).error
    except ValidationError:
        return ""
    return f": {_quoted(error)}" if error else ""


def _error_from_text(texts: Sequence[str]) -> VesselQueryError:
    """For errors inside a 200: InfluxDB gives a text and no code. Nowhere else are texts interpreted."""
    text = next((text for text in texts if text != _NOT_EXECUTED), texts[0])
    error_class = next((found for part, found in _ERRORS_BY_TEXT if part in text), ServerError)
    return error_class(f"the vessel's InfluxDB says: {_quoted(text)}")


_ERRORS_BY_TEXT: tuple[tuple[str, type[VesselQueryError]], ...] = (
    ("timeout", QueryTimeout),
    ("limit exceeded", ServerError),
    ("authoriz", AuthenticationFailed),
    ("not found", Misconfigured),
    ("error parsing query", Misconfigured),
)


def _quoted(text: str) -> str:
    """A vessel's text, truncated and without control characters, fit for logs and terminals."""
    printable = "".join(character if character.isprintable() else " " for character in text)
    return printable if len(printable) <= _QUOTED_CHARACTERS else printable[: _QUOTED_CHARACTERS - 1] + "…"


def _rows_by_device(result: _Result, device_tag: str) -> dict[str, Rows]:
    if result.partial or any(series.partial for series in result.series):
        _invalid("a result is partial: devices are missing")
    by_device = {_device(series.tags.get(device_tag)): series.values for series in result.series}
    if len(by_device) != len(result.series):
        _invalid("duplicate device")
    return dict(by_device)


def _device(address: object) -> str:
    if address is None:
        return ""
    if not isinstance(address, str) or "\x00" in address:  # databases refuse NUL
        _invalid("a device's address is not text")
    return address


def _invalid(problem: str, cause: Exception | None = None) -> NoReturn:
    raise _unusable(problem) from cause


def _unusable(problem: str) -> InvalidAnswer:
    return InvalidAnswer(f"the vessel's answer cannot be used: {problem}")
