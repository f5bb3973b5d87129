"""InfluxDB's answer -> values, or an error that says what is wrong with it. Nothing in it is trusted."""

import email.utils
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn

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
    """One series of a statement: the device that it is about ("" for none), and its rows of (seconds, value)."""

    device: str
    rows: tuple[tuple[int, float], ...]


def results(reply: Reply, statements: int, device_tag: str) -> list[list[Series]]:
    """The series of each statement; raises `VesselQueryError`."""
    document = _document(reply)
    listed = document.get("results")
    if not isinstance(listed, list):
        _invalid("it has no results")
    failures = [str(result["error"]) for result in listed if isinstance(result, dict) and result.get("error")]
    if set(failures) == {_NOT_EXECUTED} and statements > 1:
        raise NotExecuted(min(len(listed), statements) - 1)
    if failures:
        raise _told(failures)
    if len(listed) != statements:
        _invalid(f"it answers {len(listed)} of {statements} questions")
    return [_statement(result, device_tag) for result in listed]


def _document(reply: Reply) -> dict[str, Any]:
    """The JSON body of a 200; any other status is an error of its own."""
    if reply.status != 200:
        raise _refused(reply)
    document = _json(reply)
    if not isinstance(document, dict):
        _invalid("it is not what InfluxDB sends")
    if document.get("error"):
        raise _told([str(document["error"])])
    return document


def _json(reply: Reply) -> Any:
    try:
        text = reply.body.decode("utf-8")
        return json.loads(text, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        if not reply.framed and error.doc[:1] in ("", "{"):
            raise ConnectionLost("the ship's answer ended in the middle") from None
        _invalid("it is not JSON" if error.pos == 0 else "its JSON is broken")
    except (UnicodeDecodeError, RecursionError, ValueError):
        _invalid("its JSON is broken")


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number of JSON")


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
        document = json.loads(reply.body)
    except (ValueError, RecursionError):
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


def _statement(result: Any, device_tag: str) -> list[Series]:
    if not isinstance(result, dict):
        _invalid("a result is not what InfluxDB sends")
    listed = result.get("series", [])
    if result.get("partial") or not isinstance(listed, list):
        _invalid("a result is partial: devices are missing from it")
    if len(listed) > MOST_SERIES:
        _invalid(f"it speaks of {len(listed):,} devices")
    series = [_series(item, device_tag) for item in listed]
    if len({one.device for one in series}) != len(series):
        _invalid("a device stands in it twice")
    return series


def _series(item: Any, device_tag: str) -> Series:
    if not isinstance(item, dict) or item.get("partial"):
        _invalid("a series is partial or not what InfluxDB sends")
    tags, columns, values = item.get("tags", {}), item.get("columns"), item.get("values")
    if not isinstance(tags, dict) or not isinstance(values, list):
        _invalid("a series is not what InfluxDB sends")
    if not isinstance(columns, list) or len(columns) != 2 or columns[0] != "time":
        _invalid("a series has not the columns that were asked for")
    device = tags.get(device_tag, "")
    if not isinstance(device, str) or not _storable(device):
        _invalid("a device's address is not text")
    return Series(device, tuple(row for value in values for row in _row(value)))


def _storable(text: str) -> bool:
    """Databases take no NUL, and UTF-8 no lone surrogate."""
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def _row(value: Any) -> list[tuple[int, float]]:
    if not isinstance(value, list) or len(value) != 2:
        _invalid("a row has not the columns that were asked for")
    seconds, number = value
    if number is None:  # a mean over nothing
        return []
    if isinstance(seconds, bool) or not isinstance(seconds, int):
        _invalid("a time is not a number of seconds")
    if isinstance(number, bool) or not isinstance(number, int | float):
        _invalid("a value is not a number")
    if not -1e15 < number < 1e15:
        _invalid("a value is beyond all measure")
    return [(seconds, number)]


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
    raise InvalidAnswer(f"the ship's answer cannot be used: {what}")


def by_device(series: Sequence[Series]) -> Mapping[str, tuple[tuple[int, float], ...]]:
    """Rows by device; points without an address are about no device."""
    return {one.device: one.rows for one in series if one.device}
