"""The way of the replaced system: three queries a vessel, raw points as JSON, a loop, one vessel after the other."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import requests

# its status query reads a whole day, the other two the last half hour: the README says why these three
QUERIES = (
    "SELECT url, result_code FROM ping WHERE time > now() - 24h",
    "SELECT url, percent_packet_loss FROM ping WHERE time > now() - 30m",
    "SELECT url, average_response_ms FROM ping WHERE time > now() - 30m",
)
_TIMEOUT_SECONDS = 60


@dataclass(slots=True)
class Tally:
    """What the loop finds out about a device."""

    pings: int = 0
    answered: int = 0
    last_ping: datetime | None = None
    last_success: datetime | None = None
    loss: float | None = None
    response_ms: float | None = None


def ask(url: str, database: str, *, compressed: bool) -> dict[str, Tally]:
    """Each device's day, by address."""
    tallies: dict[str, Tally] = {}
    status, loss, response = (_rows(url, database, query, compressed) for query in QUERIES)
    for when, device, code in status:
        _count(tallies.setdefault(device, Tally()), _moment(when), code)
    for _when, device, percent in sorted(loss, key=lambda row: _moment(row[0])):
        tallies[device].loss = percent
    for _when, device, milliseconds in sorted(response, key=lambda row: _moment(row[0])):
        tallies[device].response_ms = milliseconds
    return tallies


def _rows(url: str, database: str, query: str, compressed: bool) -> list[list[Any]]:
    """One query over a connection of its own."""
    with requests.Session() as session:
        session.trust_env = False
        answer = session.get(
            f"{url}/query",
            params={"db": database, "q": query},
            headers={"Accept-Encoding": "gzip" if compressed else "identity"},
            timeout=_TIMEOUT_SECONDS,
        )
        rows: list[list[Any]] = answer.json()["results"][0]["series"][0]["values"]
        return rows


def _moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ")  # noqa: DTZ007  # that is how it was


def _count(tally: Tally, when: datetime, code: int) -> None:
    tally.pings += 1
    if tally.last_ping is None or when > tally.last_ping:
        tally.last_ping = when
    if code == 0:
        tally.answered += 1
        if tally.last_success is None or when > tally.last_success:
            tally.last_success = when
