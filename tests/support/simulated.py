"""A vessel that answers like InfluxDB from a list of points, with a clock of its own."""

import json
import re
import socket
from collections.abc import Iterable
from datetime import timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl

from tests.support import present
from tests.support.pings import Point
from tests.support.raw_vessel import RawVessel, http

_STATEMENT = re.compile(r"SELECT (\w+)\((\w+)\) FROM .* WHERE (.*?)(?: GROUP BY (.*))?$")


class ClockedVessel:
    """Answers the request's statements from its points; `ahead`: how far its clock, and so its points, are ahead."""

    def __init__(self, points: Iterable[Point], ahead: timedelta = timedelta()) -> None:
        self._ahead = ahead
        shift = int(ahead.total_seconds())
        self._points = [Point(p.device, p.seconds + shift, p.result_code, p.loss, p.response_ms) for p in points]
        self.raw = RawVessel(self._answer)

    def _answer(self, connection: socket.socket) -> None:
        form = _form(self.raw.requests[-1])
        results = [self._select(statement) for statement in form["q"].split(";")]
        date = format_datetime(present.now() + self._ahead, usegmt=True)
        connection.sendall(http("200 OK", json.dumps({"results": results}), {"Date": date}))

    def _select(self, statement: str) -> dict[str, Any]:
        found = _STATEMENT.match(statement)
        assert found, statement
        function, _field, where, group = found.groups()
        points = [point for point in self._points if _matches(point, where)]
        devices = sorted({point.device for point in points}) if group else [""]
        series = [
            {
                "name": "ping",
                **({"tags": {"url": device}} if group else {}),
                "columns": ["time", function],
                "values": _values(function, [p for p in points if not group or p.device == device], group or ""),
            }
            for device in devices
            if points
        ]
        return {"series": series} if series else {}


def _values(function: str, points: list[Point], group: str) -> list[list[Any]]:
    if function == "mean":
        times = [p.response_ms for p in points if p.response_ms is not None]
        return [[0, sum(times) / len(times) if times else None]]
    if function in ("last", "first"):
        chosen = points[-1 if function == "last" else 0]
        return [[chosen.seconds, chosen.result_code]]
    offset = int(found.group(1)) if (found := re.search(r"1h,(\d+)s", group)) else 0
    counts: dict[int, int] = {}
    for point in points:
        start = (point.seconds - offset) // 3600 * 3600 + offset
        counts[start] = counts.get(start, 0) + 1
    return [[start, count] for start, count in sorted(counts.items())]


def _matches(point: Point, where: str) -> bool:
    bounds = re.findall(r"time(>=|>|<)(-?\d+)s", where)
    inside = all(
        {">=": point.seconds >= int(value), ">": point.seconds > int(value), "<": point.seconds < int(value)}[sign]
        for sign, value in bounds
    )
    named = re.search(r"\"url\"='([^']*)'", where)
    return inside and ("result_code=0" not in where or point.answered) and (not named or named[1] == point.device)


def _form(request: bytes) -> dict[str, str]:
    return dict(parse_qsl(request.partition(b"\r\n\r\n")[2].decode()))
