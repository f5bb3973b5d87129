"""InfluxDB 1.6's HTTP API: requests read, answers written."""

import base64
import gzip
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from fleetdash.demo.behaviour import RETRY_AFTER, Reaction
from fleetdash.demo.vessels import Answer, SimulatedVessel

VERSION = "1.6.7"

PORTAL_PAGE = b"""<!DOCTYPE html>
<html><head><title>Welcome on board</title></head>
<body><h1>Your satellite data plan is used up</h1><p>Please log in to buy more.</p></body></html>
"""
_NO_CREDENTIALS = Answer(401, {"error": "unable to parse authentication credentials"})
_ERRORS = {
    Reaction.UNAVAILABLE: Answer(503, {"error": "service unavailable"}),
    Reaction.RATE_LIMIT: Answer(429, {"error": "too many requests"}),
    Reaction.CONGESTION: Answer(429, {"error": "too many requests"}),
    Reaction.DENY: Answer(401, {"error": "authorization failed"}),
}


@dataclass(frozen=True, slots=True)
class Request:
    """A request to `/query`."""

    database: str
    text: str
    epoch: str
    gzipped: bool
    credentials: str | None


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP response."""

    status: int
    headers: dict[str, str]
    body: bytes


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


def respond(reaction: Reaction, vessel: SimulatedVessel, request: Request, now: datetime) -> Response:
    """The response of a vessel that is asked at `now` and reacts like this; not for reactions without one."""
    if reaction is Reaction.PORTAL:
        return Response(200, {"Date": http_date(now), "Content-Type": "text/html; charset=utf-8"}, PORTAL_PAGE)
    response = written(_answer(reaction, vessel, request, now), request, vessel.now(now))
    if reaction in RETRY_AFTER:
        response.headers["Retry-After"] = str(RETRY_AFTER[reaction])
    return response


def _answer(reaction: Reaction, vessel: SimulatedVessel, request: Request, now: datetime) -> Answer:
    if reaction is Reaction.ANSWER:
        return vessel.query(request.text, now)
    if reaction is Reaction.NO_DATABASE:
        return database_not_found(request)
    return _NO_CREDENTIALS if reaction is Reaction.DENY and request.credentials is None else _ERRORS[reaction]


def database_not_found(request: Request) -> Answer:
    """With several statements, 1.6.7 does not say why."""
    several = ";" in request.text.rstrip("; \n")
    error = "not executed" if several else f"database not found: {request.database}"
    return Answer(200, {"results": [{"statement_id": 0, "error": error}]})


def written(answer: Answer, request: Request, vessel_time: datetime) -> Response:
    """An answer as InfluxDB writes it; `vessel_time` is what the vessel's clock shows."""
    headers = {
        "Content-Type": "application/json",
        "Date": http_date(vessel_time),
        "X-Influxdb-Build": "OSS",
        "X-Influxdb-Version": VERSION,
    }
    if answer.status == 401:
        headers["WWW-Authenticate"] = 'Basic realm="InfluxDB"'
    if "error" in answer.body:
        headers["X-Influxdb-Error"] = answer.body["error"].encode("ascii", "replace").decode()
    document = json.dumps(_timed(answer.body, request.epoch), separators=(",", ":"), ensure_ascii=False)
    body = document.encode() + b"\n"
    if request.gzipped:
        headers["Content-Encoding"] = "gzip"
        body = gzip.compress(body, compresslevel=1, mtime=0)
    return Response(answer.status, headers, body)


def http_date(moment: datetime) -> str:
    """In the format of the header `Date`."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def _timed(document: dict[str, Any], epoch: str) -> dict[str, Any]:
    """With `epoch=s` times stay seconds; the demo answers any other request in text, as InfluxDB does by default."""
    if epoch != "s":
        for series in (series for result in document.get("results", ()) for series in result.get("series", ())):
            if series["columns"][0] == "time":
                series["values"] = [(_rfc3339(seconds), *values) for seconds, *values in series["values"]]
    return document


def _rfc3339(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"
