"""InfluxDB's answer -> values, or an error that says what is wrong with it. Nothing in it is trusted."""

import email.utils
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal, NoReturn, NotRequired

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, with_config
from pydantic_core import from_json
from typing_extensions import TypedDict  # pydantic reads no other before Python 3.12

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
from fleetdash.vessels.transport import Reply

MOST_SERIES = 5_000
"""More devices than any ship has: an answer with more is not about a ship."""

_QUOTED_CHARACTERS = 160
_NOT_EXECUTED = "not executed"


class NotExecuted(ServerError):
    """Of several statements one failed, and InfluxDB does not say why: asked alone, it does."""

    def __init__(self, position: int) -> None:
        super().__init__("the ship's InfluxDB says: not executed")
        self.position = position


@dataclass(frozen=True, slots=True)
class Series:
    """One series of a statement: the device that it is about ("" for none), seconds, and the value at each of them."""

    device: str = ""
    times: tuple[int, ...] = ()
    numbers: tuple[float, ...] = ()


# What InfluxDB sends, as pydantic checks it while it reads it: doing the same in Python afterwards takes twice as long.
_Number = Annotated[float, Field(gt=-1e15, lt=1e15)]
_STRICT = ConfigDict(strict=True, allow_inf_nan=False)


@with_config(_STRICT)
class _Series(TypedDict):
    tags: NotRequired[dict[str, str | None]]
    columns: tuple[Literal["time"], str]
    values: list[tuple[int, _Number | None]]
    partial: NotRequired[bool]


@with_config(_STRICT)
class _Result(TypedDict):
    series: NotRequired[Annotated[list[_Series], Field(max_length=MOST_SERIES)]]
    error: NotRequired[str]
    partial: NotRequired[bool]


@with_config(_STRICT)
class _Document(TypedDict):
    results: NotRequired[list[_Result]]
    error: NotRequired[str]


_DOCUMENT = TypeAdapter(_Document)


def results(reply: Reply, statements: int, device_tag: str) -> list[list[Series]]:
    """The series of each statement; raises `VesselQueryError`."""
    if reply.status != 200:
        raise _refused(reply)
    document = _document(reply)
    if document.get("error"):
        raise _told([document["error"]])
    listed = document.get("results")
    if listed is None:
        _invalid("it has no results")
    failures = [result["error"] for result in listed if result.get("error")]
    if set(failures) == {_NOT_EXECUTED} and statements > 1:
        raise NotExecuted(min(len(listed), statements) - 1)
    if failures:
        raise _told(failures)
    if len(listed) != statements:
        _invalid(f"it answers {len(listed)} of {statements} questions")
    return [_statement(result, device_tag) for result in listed]


def _document(reply: Reply) -> _Document:
    try:
        return _DOCUMENT.validate_json(reply.body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        if first["type"] == "json_invalid":
            raise _broken(reply) from None
        place = ".".join(map(str, first["loc"]))
        _invalid(f"it is not what InfluxDB sends: {_quoted(place)}: {first['msg']}")


def _broken(reply: Reply) -> VesselQueryError:
    start = reply.body.lstrip()[:1]
    if not reply.framed and start in (b"", b"{"):
        return ConnectionLost("the ship's answer ended in the middle")
    return _unusable("its JSON is broken" if start in (b"{", b"[") else "it is not JSON")


def _refused(reply: Reply) -> VesselQueryError:
    """An HTTP status other than 200 (R3.4)."""
    said = _said(reply)
    status = reply.status
    if 300 <= status < 400:
        return Misconfigured(f"the ship redirects elsewhere (HTTP {status}); correct its url in the fleet file")
    if status == 429:
        return RateLimited(f"the ship asks us to slow down (HTTP 429){said}", retry_after(reply))
    if status in (401, 403):
        if "database not found" in said:  # what a reader without rights to it is told
            return Misconfigured(f"the ship has no such database{said}")
        return AuthenticationFailed(f"the ship refuses our user, password or token (HTTP {status}){said}")
    if 400 <= status < 500:
        return Misconfigured(f"the ship cannot answer what was asked (HTTP {status}){said}")
    if status >= 500:
        return ServerError(f"the ship's server has an error (HTTP {status}){said}")
    return InvalidAnswer(f"the ship's answer is not what InfluxDB sends (HTTP {status})")


def _said(reply: Reply) -> str:
    """InfluxDB's own words of an error, when the body has them."""
    try:
        document = from_json(reply.body)
    except ValueError:
        return ""
    error = document.get("error") if isinstance(document, dict) else None
    return f": {_quoted(error)}" if isinstance(error, str) and error else ""


def _told(failures: Sequence[str]) -> VesselQueryError:
    """An error inside a 200. InfluxDB gives only words, no code: this is the one place that reads them."""
    text = next((failure for failure in failures if failure != _NOT_EXECUTED), failures[0])
    for words, make in _TOLD:
        if words in text:
            return make(f"the ship's InfluxDB says: {_quoted(text)}")
    return ServerError(f"the ship's InfluxDB says: {_quoted(text)}")


_TOLD: tuple[tuple[str, type[VesselQueryError]], ...] = (
    ("timeout", QueryTimeout),
    ("limit exceeded", ServerError),
    ("authoriz", AuthenticationFailed),
    ("not found", Misconfigured),
    ("error parsing query", Misconfigured),
)


def _quoted(text: str) -> str:
    """A ship's words, cut and without control characters: they go to logs and terminals."""
    plain = "".join(character if character.isprintable() else " " for character in text)
    return plain if len(plain) <= _QUOTED_CHARACTERS else plain[: _QUOTED_CHARACTERS - 1] + "…"


def _statement(result: _Result, device_tag: str) -> list[Series]:
    listed = result.get("series", [])
    if result.get("partial") or any(series.get("partial") for series in listed):
        _invalid("a result is partial: devices are missing from it")
    series = [_series(item, device_tag) for item in listed]
    if len({one.device for one in series}) != len(series):
        _invalid("a device stands in it twice")
    return series


def _series(series: _Series, device_tag: str) -> Series:
    device = series.get("tags", {}).get(device_tag) or ""
    if "\x00" in device:  # databases take none
        _invalid("a device's address is not text")
    rows = series["values"]
    if len(rows) == 1 and rows[0][1] is None:  # a mean over nothing
        return Series(device)
    return Series(device, *zip(*rows, strict=True))


def ship_time(reply: Reply) -> datetime | None:
    """The ship's own clock, when the answer carries it."""
    return _http_date(reply.headers.get("Date"))


def retry_after(reply: Reply) -> float | None:
    """Seconds to wait, from `Retry-After` in either of its forms; `None` when it says nothing usable."""
    value = reply.headers.get("Retry-After", "").strip()
    if value.isdecimal():
        return min(float(value), 1e9)
    until = _http_date(value)
    if until is None:
        return None
    return max(0.0, (until - (ship_time(reply) or reply.headers_at)).total_seconds())


def _http_date(value: str | None) -> datetime | None:
    try:
        return email.utils.parsedate_to_datetime(value or "").astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None


def clock_skew(reply: Reply) -> int | None:
    """Seconds that the ship's clock is ahead by; 0 where the exchange itself and `Date`'s full seconds explain it."""
    theirs = ship_time(reply)
    if theirs is None:
        return None
    earliest = (theirs - reply.headers_at).total_seconds()
    latest = (theirs - reply.sent_at).total_seconds() + 1
    if earliest <= 0 <= latest:
        return 0
    return round(earliest if earliest > 0 else latest)


def _invalid(what: str) -> NoReturn:
    raise _unusable(what)


def _unusable(what: str) -> InvalidAnswer:
    return InvalidAnswer(f"the ship's answer cannot be used: {what}")


def by_device(series: Sequence[Series]) -> Mapping[str, Series]:
    """Series by device; points without an address are about no device."""
    return {one.device: one for one in series if one.device}
