"""InfluxDB's answer -> values, or an error that says what is wrong with it. Nothing in it is trusted."""

import email.utils
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Literal, NoReturn

from msgspec import DecodeError, Meta, Struct, ValidationError
from msgspec.json import Decoder

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
from fleetdash.influx.transport import HttpResponse

MOST_SERIES = 5_000
"""More devices than any vessel has: an answer with more is not about a vessel."""

_QUOTED_CHARACTERS = 160
_NOT_EXECUTED = "not executed"


class NotExecuted(ServerError):
    """Of several statements one failed, and InfluxDB does not say why: asked alone, it does."""

    def __init__(self, position: int) -> None:
        super().__init__("the vessel's InfluxDB says: not executed")
        self.position = position


Rows = Sequence[tuple[int, float | None]]
"""What a statement says of one device: seconds since 1970, and the value at each; a mean over nothing is `None`."""

# What InfluxDB sends, as msgspec checks it while it reads it: pydantic takes more than twice as long.
_Number = Annotated[float, Meta(gt=-1e15, lt=1e15)]


class _Series(Struct):
    columns: tuple[Literal["time"], str]
    values: list[tuple[int, _Number | None]]
    tags: dict[str, str | None] = {}
    partial: bool = False


class _Result(Struct):
    series: Annotated[list[_Series], Meta(max_length=MOST_SERIES)] = []
    error: str = ""
    partial: bool = False


class _Document(Struct):
    results: list[_Result] | None = None
    error: str = ""


class _Refusal(Struct):
    error: str = ""


_DOCUMENT = Decoder(_Document)
_REFUSAL = Decoder(_Refusal)


def results(response: HttpResponse, statements: int, device_tag: str) -> list[dict[str, Rows]]:
    """Each statement's rows by device, "" for those about none; raises `VesselQueryError`."""
    if response.status != 200:
        raise _refused(response)
    document = _document(response)
    if document.error:
        raise _error_from_text([document.error])
    listed = document.results
    if listed is None:
        _invalid("it has no results")
    failures = [result.error for result in listed if result.error]
    if set(failures) == {_NOT_EXECUTED} and statements > 1:
        raise NotExecuted(min(len(listed), statements) - 1)
    if failures:
        raise _error_from_text(failures)
    if len(listed) != statements:
        _invalid(f"it answers {len(listed)} of {statements} questions")
    return [_statement(result, device_tag) for result in listed]


def _document(response: HttpResponse) -> _Document:
    try:
        return _DOCUMENT.decode(response.body)
    except ValidationError as error:
        _invalid(f"it is not what InfluxDB sends: {_quoted(str(error))}")
    except (DecodeError, UnicodeDecodeError, RecursionError):
        raise _broken(response) from None


def _broken(response: HttpResponse) -> VesselQueryError:
    start = response.body.lstrip()[:1]
    if not response.framed and start in (b"", b"{"):
        return ConnectionLost("the vessel's answer ended in the middle")
    return _unusable("its JSON is broken" if start in (b"{", b"[") else "it is not JSON")


def _refused(response: HttpResponse) -> VesselQueryError:
    """An HTTP status other than 200 (R3.4)."""
    said = _truncated(response)
    status = response.status
    if 300 <= status < 400:
        return Misconfigured(f"the vessel redirects elsewhere (HTTP {status}); correct its url in the fleet file")
    if status == 429:
        return RateLimited(f"the vessel asks us to slow down (HTTP 429){said}", retry_after(response))
    if status in (401, 403):
        if "database not found" in said:  # what a reader without rights to it is told
            return Misconfigured(f"the vessel has no such database{said}")
        return AuthenticationFailed(f"the vessel refuses our user, password or token (HTTP {status}){said}")
    if 400 <= status < 500:
        return Misconfigured(f"the vessel cannot answer what was asked (HTTP {status}){said}")
    if status >= 500:
        return ServerError(f"the vessel's server has an error (HTTP {status}){said}")
    return InvalidAnswer(f"the vessel's answer is not what InfluxDB sends (HTTP {status})")


def _truncated(response: HttpResponse) -> str:
    """InfluxDB's own words of an error, when the body has them."""
    try:
        error = _REFUSAL.decode(response.body).error
    except (DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    return f": {_quoted(error)}" if error else ""


def _error_from_text(failures: Sequence[str]) -> VesselQueryError:
    """An error inside a 200. InfluxDB gives only words, no code: this is the one place that reads them."""
    text = next((failure for failure in failures if failure != _NOT_EXECUTED), failures[0])
    for words, make in _TOLD:
        if words in text:
            return make(f"the vessel's InfluxDB says: {_quoted(text)}")
    return ServerError(f"the vessel's InfluxDB says: {_quoted(text)}")


_TOLD: tuple[tuple[str, type[VesselQueryError]], ...] = (
    ("timeout", QueryTimeout),
    ("limit exceeded", ServerError),
    ("authoriz", AuthenticationFailed),
    ("not found", Misconfigured),
    ("error parsing query", Misconfigured),
)


def _quoted(text: str) -> str:
    """A vessel's words, cut and without control characters: they go to logs and terminals."""
    plain = "".join(character if character.isprintable() else " " for character in text)
    return plain if len(plain) <= _QUOTED_CHARACTERS else plain[: _QUOTED_CHARACTERS - 1] + "…"


def _statement(result: _Result, device_tag: str) -> dict[str, Rows]:
    if result.partial or any(series.partial for series in result.series):
        _invalid("a result is partial: devices are missing from it")
    by_device: dict[str, Rows] = {series.tags.get(device_tag) or "": series.values for series in result.series}
    if len(by_device) != len(result.series):
        _invalid("a device stands in it twice")
    if any("\x00" in device for device in by_device):  # databases take none
        _invalid("a device's address is not text")
    return by_device


def vessel_time(response: HttpResponse) -> datetime | None:
    """The vessel's own clock, when the answer carries it."""
    return _http_date(response.headers.get("Date"))


def retry_after(response: HttpResponse) -> float | None:
    """Seconds to wait, from `Retry-After` in either of its forms; `None` when it says nothing usable."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isdecimal():
        return min(float(value), 1e9)
    until = _http_date(value)
    if until is None:
        return None
    return max(0.0, (until - (vessel_time(response) or response.headers_at)).total_seconds())


def _http_date(value: str | None) -> datetime | None:
    try:
        return email.utils.parsedate_to_datetime(value or "").astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None


def clock_skew(response: HttpResponse) -> int | None:
    """Seconds that the vessel's clock is ahead by; 0 where the exchange itself and `Date`'s full seconds explain it."""
    theirs = vessel_time(response)
    if theirs is None:
        return None
    earliest = (theirs - response.headers_at).total_seconds()
    latest = (theirs - response.sent_at).total_seconds() + 1
    if earliest <= 0 <= latest:
        return 0
    return round(earliest if earliest > 0 else latest)


def _invalid(what: str) -> NoReturn:
    raise _unusable(what)


def _unusable(what: str) -> InvalidAnswer:
    return InvalidAnswer(f"the vessel's answer cannot be used: {what}")
