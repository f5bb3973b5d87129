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

_STATEMENT = re.compile(
    r"SELECT (\S+) FROM .* WHERE (.*?)(?: GROUP BY (.*?))?(?: ORDER BY time (ASC|DESC))?(?: LIMIT 1)?$"
)


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
        if statement.startswith("SHOW"):
            return {}
        found = _STATEMENT.match(statement)
        assert found, statement
        what, where, group, order = found.groups()
        points = [point for point in self._points if _matches(point, where)]
        devices = sorted({point.device for point in points}) if group else [""]
        columns = _columns(what)
        series = [
            {
                "name": "ping",
                **({"tags": {"url": device} | ({"host": ""} if ",host" in group else {})} if group else {}),
                "columns": ["time", *columns],
                "values": _values(columns, [p for p in points if not group or p.device == device], group or "", order),
            }
            for device in devices
            if points
        ]
        return {"series": series} if series else {}


def _columns(what: str) -> list[str]:
    if what == "count(result_code),count(percent_packet_loss)":
        return ["count", "count_1"]
    return [what.partition("(")[0]] if "(" in what else what.split(",")


def _values(columns: list[str], points: list[Point], group: str, order: str | None) -> list[list[Any]]:
    if columns == ["mean"]:
        times = [p.response_ms for p in points if p.response_ms is not None]
        return [[0, sum(times) / len(times) if times else None]]
    if columns == ["last"]:
        return [[points[-1].seconds, points[-1].loss]]
    if columns[0] == "result_code":
        chosen = points[-1 if order == "DESC" else 0]
        return [[chosen.seconds, chosen.result_code, chosen.loss, None]]
    offset = int(found.group(1)) if (found := re.search(r"1h,(\d+)s", group)) else 0
    counts: dict[int, list[int]] = {}
    for point in points:
        start = (point.seconds - offset) // 3600 * 3600 + offset
        row = counts.setdefault(start, [0] * len(columns))
        row[0] += 1
        row[-1] += len(columns) > 1 and point.loss is not None
    return [[start, *row] for start, row in sorted(counts.items())]


def _matches(point: Point, where: str) -> bool:
    bounds = re.findall(r"time(>=|>|<=|<)(-?\d+)s", where)
    inside = all(
        {">=": point.seconds >= int(value), ">": point.seconds > int(value)}.get(
            sign, point.seconds < int(value) + (sign == "<=")
        )
        for sign, value in bounds
    )
    named = re.search(r"\"url\"='([^']*)'", where)
    return inside and ("result_code!=0" not in where or point.answered) and (not named or named[1] == point.device)


def _form(request: bytes) -> dict[str, str]:
    return dict(parse_qsl(request.partition(b"\r\n\r\n")[2].decode()))
