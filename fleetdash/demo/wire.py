"""InfluxDB 1.6's HTTP API as it looks on the wire: requests read, answers written."""

import base64
import gzip
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from fleetdash.demo.ships import Answer

VERSION = "1.6.7"
_UNIT = {"ns": 1, "n": 1, "u": 1_000, "ms": 1_000_000, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}

PORTAL_PAGE = b"""<!DOCTYPE html>
<html><head><title>Welcome on board</title></head>
<body><h1>Your satellite data plan is used up</h1><p>Please log in to buy more.</p></body></html>
"""
DENIED = Answer(401, {"error": "authorization failed"})
NO_CREDENTIALS = Answer(401, {"error": "unable to parse authentication credentials"})
UNAVAILABLE = Answer(503, {"error": "service unavailable"})
RATE_LIMITED = Answer(429, {"error": "too many requests"})


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asks of `/query`."""

    database: str
    text: str
    epoch: str
    gzipped: bool
    credentials: str | None


def read(target: str, headers: Message, body: bytes) -> Request:
    """Form fields win over those of the address."""
    form = parse_qs(urlsplit(target).query) | parse_qs(body.decode("utf-8", "replace"))
    return Request(
        database=form.get("db", [""])[0],
        text=form.get("q", [""])[0],
        epoch=form.get("epoch", [""])[0],
        gzipped="gzip" in headers.get("Accept-Encoding", ""),
        credentials=_credentials(headers.get("Authorization", "")),
    )


def _credentials(authorization: str) -> str | None:
    """`user:password`, if they are sent as HTTP Basic."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(encoded, validate=True).decode()
    except ValueError:
        return None


def database_not_found(request: Request) -> Answer:
    """With several statements, 1.6.7 does not even say so."""
    several = ";" in request.text.rstrip("; \n")
    error = "not executed" if several else f"database not found: {request.database}"
    return Answer(200, {"results": [{"statement_id": 0, "error": error}]})


def headers(answer: Answer, ship_time: datetime) -> dict[str, str]:
    """Those that InfluxDB sends; `ship_time` is what the ship's clock shows."""
    sent = {
        "Content-Type": "application/json",
        "Date": http_date(ship_time),
        "X-Influxdb-Build": "OSS",
        "X-Influxdb-Version": VERSION,
    }
    if answer.status == 401:
        sent["WWW-Authenticate"] = 'Basic realm="InfluxDB"'
    if answer.status >= 400 and "error" in answer.body:
        sent["X-Influxdb-Error"] = answer.body["error"].encode("ascii", "replace").decode()
    return sent


def http_date(moment: datetime) -> str:
    """As the header `Date` wants it."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def body(answer: Answer, request: Request) -> bytes:
    """The document, with times as asked for."""
    written = json.dumps(_timed(answer.body, request.epoch), separators=(",", ":"), ensure_ascii=False)
    encoded = written.encode() + b"\n"
    return gzip.compress(encoded, compresslevel=1, mtime=0) if request.gzipped else encoded


def _timed(document: dict[str, Any], epoch: str) -> dict[str, Any]:
    for result in document.get("results", ()):
        for series in result.get("series", ()):
            for row in series["values"]:
                row[0] = _time(row[0], epoch)
    return document


def _time(nanoseconds: int, epoch: str) -> int | str:
    unit = _UNIT.get(epoch)
    if unit is not None:
        return nanoseconds // unit
    moment = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=nanoseconds // 1000)
    return moment.isoformat().replace("+00:00", "Z")
