"""The replaced system's way: three queries of a vessel at once, raw points, a loop; one vessel after another."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import requests

# the README says why these three
QUERIES = (
    "SELECT url, result_code FROM ping WHERE time > now() - 24h",
    "SELECT url, percent_packet_loss FROM ping WHERE time > now() - 15m",
    "SELECT url, average_response_ms FROM ping WHERE time > now() - 15m",
)
_TIMEOUT_SECONDS = 60


@dataclass(slots=True)
class Tally:
    """What the loop learns about a device."""

    pings: int = 0
    answered: int = 0
    last_ping: datetime | None = None
    last_success: datetime | None = None
    loss: float | None = None
    response_ms: float | None = None


def ask(url: str, database: str) -> dict[str, Tally]:
    """Each device's day, by address."""
    with ThreadPoolExecutor(len(QUERIES)) as pool:
        status, loss, response = pool.map(partial(_rows, url, database), QUERIES)
    tallies: dict[str, Tally] = {}
    for time, device, code in status:
        _count(tallies.setdefault(device, Tally()), _parse_time(time), code)
    for _time, device, percent in sorted(loss, key=lambda row: _parse_time(row[0])):
        tallies[device].loss = percent
    for _time, device, milliseconds in sorted(response, key=lambda row: _parse_time(row[0])):
        tallies[device].response_ms = milliseconds
    return tallies


def _rows(url: str, database: str, query: str) -> list[list[Any]]:
    """One query over a connection of its own, compressed."""
    with requests.Session() as session:
        session.trust_env = False
        response = session.get(f"{url}/query", params={"db": database, "q": query}, timeout=_TIMEOUT_SECONDS)
        rows: list[list[Any]] = response.json()["results"][0]["series"][0]["values"]
        return rows


def _parse_time(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ")  # noqa: DTZ007  # as the replaced system did


def _count(tally: Tally, time: datetime, code: int) -> None:
    tally.pings += 1
    if tally.last_ping is None or time > tally.last_ping:
        tally.last_ping = time
    if code == 0:
        tally.answered += 1
        if tally.last_success is None or time > tally.last_success:
            tally.last_success = time
