"""What a simulated vessel's InfluxDB says of itself: its retention policies, fields and tags."""

from collections.abc import Mapping
from typing import Any

from fleetdash.demo.evaluator import MEASUREMENT, TAG, Series
from fleetdash.demo.influxql import Show
from fleetdash.demo.ping_series import PingSeries

_FIELDS = [
    ["average_response_ms", "float"],
    ["packets_received", "integer"],
    ["packets_transmitted", "integer"],
    ["percent_packet_loss", "float"],
    ["result_code", "integer"],
]


def describe(show: Show, database: str, pings: Mapping[str, PingSeries], last_minute: int) -> list[Series]:
    """The series of one statement."""
    if show.measurement not in ("", MEASUREMENT):
        return []
    match show.what:
        case "DATABASES":
            return [{"name": "databases", "columns": ["name"], "values": [[database]]}]
        case "RETENTION POLICIES":
            columns = ["name", "duration", "shardGroupDuration", "replicaN", "default"]
            return [{"columns": columns, "values": [["autogen", "0s", "168h0m0s", 1, True]]}]
        case "FIELD KEYS":
            return [_of_pings(["fieldKey", "fieldType"], _FIELDS)]
        case "TAG KEYS":
            return [_of_pings(["tagKey"], [[TAG]])]
        case "TAG VALUES":
            values = [[TAG, address] for address in sorted(pings)[: show.limit]] if show.tag == TAG else []
            return [_of_pings(["key", "value"], values)] if values else []
        case _:
            return _newest_point(pings, last_minute)


def _newest_point(pings: Mapping[str, PingSeries], last_minute: int) -> list[Series]:
    newest = [next(series.segments_back(series.begins, last_minute + 1), None) for series in pings.values()]
    minutes = [(segment.end - 1, segment.reply) for segment in newest if segment is not None]
    if not minutes:
        return []
    minute, reply = max(minutes, key=lambda item: item[0])
    row = [minute * 60, reply.percent_packet_loss, reply.result_code]
    return [_of_pings(["time", "percent_packet_loss", "result_code"], [row])]


def _of_pings(columns: list[str], values: list[list[Any]]) -> Series:
    return {"name": MEASUREMENT, "columns": columns, "values": values}
