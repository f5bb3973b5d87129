"""InfluxDB's response -> rows per statement and device, or an error that names the problem. Nothing is trusted."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Generic, NamedTuple, NoReturn, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fleetdash.domain.pings import Value
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


Row = Sequence[Value]
"""Seconds since 1970, a whole number, and the values of the other columns."""


class Series(NamedTuple):
    """One group of a statement's result: its tags, and its rows in the columns' order."""

    tags: Mapping[str, str]
    columns: Sequence[str]
    rows: Sequence[Row]


Result = Sequence[Series]
"""A statement's result."""

Table = tuple[str, Sequence[str], Sequence[Sequence[Any]]]
"""One series of what a `SHOW` answers: its measurement, columns and rows."""


class _Model(BaseModel):
    model_config = ConfigDict(strict=True, allow_inf_nan=False)


# lists stop at their first error: five megabytes of wrong items would be a million errors
class _Series(_Model):
    columns: list[str]
    values: Annotated[list[list[int | float | str | bool | None]], Field(fail_fast=True)]
    tags: Annotated[dict[str, Any], Field(max_length=_MAX_TAGS)] = {}
    partial: bool = False


class _Table(_Model):
    columns: list[str]
    values: Annotated[list[list[Any]], Field(fail_fast=True)] = []
    name: str = ""


S = TypeVar("S", _Series, _Table)


class _Result(_Model, Generic[S]):
    series: Annotated[list[S], Field(max_length=MAX_SERIES, fail_fast=True)] = []
    error: str = ""
    partial: bool = False


class _Document(_Model, Generic[S]):
    results: Annotated[list[_Result[S]], Field(max_length=_MAX_RESULTS, fail_fast=True)] | None = None
    error: str = ""


class _ErrorDocument(_Model):
    error: str = ""


def results(response: HttpResponse, statements: int, *, ornaments: int = 0) -> list[Result]:
    """Per statement, its series. Raises `VesselQueryError`.

    The last statements, as many as `ornaments`, may fail: their results are then empty.
    """
    document = _checked(response, _Document[_Series])
    found = document.results or []
    needed = statements - ornaments
    _raise_errors([result.error for result in found[:needed]], len(found), statements)
    if len(found) != statements and not (len(found) >= needed and any(result.error for result in found[needed:])):
        _invalid(f"it has {len(found)} results for {statements} statements")
    if any(result.partial or any(series.partial for series in result.series) for result in found[:needed]):
        _invalid("a result is partial: devices are missing")
    read: list[Result] = [[_series(series) for series in result.series] for result in found if not result.error]
    return read + [[]] * (statements - len(read))


def tables(response: HttpResponse) -> list[list[Table]]:
    """Per `SHOW` statement, the series of its result. Raises `VesselQueryError`."""
    document = _checked(response, _Document[_Table])
    found = document.results or []
    _raise_errors([result.error for result in found], len(found), len(found))
    return [[(series.name, series.columns, series.values) for series in result.series] for result in found]


D = TypeVar("D", _Document[_Series], _Document[_Table])


def _checked(response: HttpResponse, model: type[D]) -> D:
    if response.status != 200:
        raise _error_from_status(response)
    document = _document(response, model)
    if document.error:
        raise _error_from_text([document.error])
    if document.results is None:
        _invalid("it has no results")
    return document


def _raise_errors(texts: Sequence[str], results: int, statements: int) -> None:
    errors = [text for text in texts if text]
    if set(errors) == {_NOT_EXECUTED} and statements > 1:
        raise NotExecuted(min(results, statements) - 1)
    if errors:
        raise _error_from_text(errors)


def _document(response: HttpResponse, model: type[D]) -> D:
    try:
        return model.model_validate_json(response.body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        if first["type"] == "json_invalid":
            raise _not_json(response) from None
        place = ".".join(map(str, first["loc"])) or "the document"
        _invalid(f"it is not what InfluxDB sends: {quoted(place)}: {first['msg']}", error)


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
    return f": {quoted(error)}" if error else ""


def _error_from_text(texts: Sequence[str]) -> VesselQueryError:
    """For errors inside a 200: InfluxDB gives a text and no code. Nowhere else are texts interpreted."""
    text = next((text for text in texts if text != _NOT_EXECUTED), texts[0])
    error_class = next((found for part, found in _ERRORS_BY_TEXT if part in text), ServerError)
    return error_class(f"the vessel's InfluxDB says: {quoted(text)}")


_ERRORS_BY_TEXT: tuple[tuple[str, type[VesselQueryError]], ...] = (
    ("timeout", QueryTimeout),
    ("limit exceeded", ServerError),
    ("authoriz", AuthenticationFailed),
    ("not found", Misconfigured),
    ("error parsing query", Misconfigured),
)


def quoted(text: str) -> str:
    """A vessel's text, truncated and without control characters, fit for logs and terminals."""
    printable = "".join(character if character.isprintable() else " " for character in text)
    return printable if len(printable) <= _QUOTED_CHARACTERS else printable[: _QUOTED_CHARACTERS - 1] + "…"


def _series(series: _Series) -> Series:
    width = len(series.columns)
    if series.columns[:1] != ["time"] or any(len(row) != width or type(row[0]) is not int for row in series.values):
        _invalid("a row has no time, or not as many values as there are columns")
    if not all(isinstance(value, str) and "\x00" not in value for value in series.tags.values()):
        _invalid("a tag is not text")  # databases refuse NUL
    return Series(series.tags, series.columns, series.values)


def _invalid(problem: str, cause: Exception | None = None) -> NoReturn:
    raise _unusable(problem) from cause


def _unusable(problem: str) -> InvalidAnswer:
    return InvalidAnswer(f"the vessel's answer cannot be used: {problem}")
