"""The same pings in a simulated vessel and in a real InfluxDB: the same answers, to the letter."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from fleetdash.demo import DemoFleet
from fleetdash.demo.builder import cast
from fleetdash.demo.faults import FaultSpec
from fleetdash.demo.ping_series import PingSeries, Segment
from fleetdash.demo.replies import ODDITIES
from fleetdash.demo.vessels import DEVICES, VesselProfile, minute_of
from tests.support.clock import FakeClock
from tests.support.influxd import Influxd

NOW = datetime(2024, 5, 17, 12, 7, 31, tzinfo=UTC)
DAYS = 3
T1 = int(NOW.timestamp())
T0, TB = T1 - 86_400, T1 - DAYS * 86_400

STORIES = (
    "all well",
    "server down",
    "everything down",
    "recorder stopped",
    "newly fitted",
    "one device new, one unassigned",
    "telegraf's oddities",
    "access points flapping",
    "clock two hours behind",
)
ODDEST = VesselProfile(
    "oddest",
    incidents_per_day=9,
    afflictions=tuple(
        FaultSpec(odd, since=timedelta(minutes=7 * i), every=timedelta(minutes=35), lasts=timedelta(minutes=6))
        for i, odd in enumerate(ODDITIES)
    ),
)
VESSELS = (
    *(replace(vessel, devices=DEVICES, delay_seconds=0) for vessel in cast(66) if vessel.story in STORIES),
    ODDEST,
)

WINDOW = f"time>={T0}s AND time<{T1}s"
LOOKBACK = f"time>={TB}s AND time<{T1}s"
ANSWERED = '"result_code"=0 AND "percent_packet_loss"<100'

STATEMENTS = [
    f'SELECT count("result_code") FROM "ping" WHERE {WINDOW} GROUP BY time(1h),"url" fill(none)',
    f'SELECT count("result_code") FROM "ping" WHERE {ANSWERED} AND {WINDOW} GROUP BY time(1h),"url" fill(none)',
    f'SELECT mean("average_response_ms") FROM "ping" WHERE {WINDOW} GROUP BY "url"',
    f'SELECT last("result_code") FROM "ping" WHERE {LOOKBACK} GROUP BY "url"',
    f'SELECT last("result_code") FROM "ping" WHERE {ANSWERED} AND {LOOKBACK} GROUP BY "url"',
    f"SELECT count(result_code) FROM ping WHERE {WINDOW} GROUP BY time(1h,1843s),url fill(none)",
    f"SELECT count(result_code) FROM ping WHERE {WINDOW} GROUP BY url,time(2h,-61s) fill(none)",
    f"SELECT count(percent_packet_loss) FROM ping WHERE {WINDOW} GROUP BY url",
    f"SELECT count(result_code) FROM ping WHERE result_code=0 AND percent_packet_loss<=-1 AND {WINDOW} GROUP BY *",
    f"SELECT first(result_code) FROM ping WHERE url='192.168.1.60' AND time>{T1 - 20_000}s AND time<{T1}s",
    f"SELECT first(result_code) FROM ping WHERE url='192.168.1.60' AND {LOOKBACK} GROUP BY url",
    f"SELECT first(result_code) FROM ping WHERE url='it''s none' AND {LOOKBACK}".replace("''", "\\'"),
    f"SELECT first(percent_packet_loss) FROM ping WHERE result_code!=0 AND {LOOKBACK} GROUP BY url",
    f"SELECT last(average_response_ms) FROM ping WHERE {WINDOW} GROUP BY url",
    f"SELECT last(result_code) FROM ping WHERE url='192.168.1.1' AND {WINDOW} GROUP BY time(3h) fill(none)",
    f"SELECT mean(average_response_ms) FROM ping WHERE {WINDOW}",
    f"SELECT mean(percent_packet_loss) FROM ping WHERE {WINDOW} GROUP BY time(6h) fill(none)",
    f"SELECT sum(packets_received) FROM ping WHERE {WINDOW} GROUP BY url",
    f"SELECT mean(average_response_ms) FROM ping WHERE time>{T0}s AND time<={T1}s GROUP BY url",
    "SELECT count(result_code) FROM ping GROUP BY url",
    f"SELECT * FROM ping WHERE time>={T1 - 3600}s AND time<{T1}s GROUP BY url",
    f"SELECT result_code, percent_packet_loss FROM ping WHERE time>={T1 - 7200}s AND time<{T1}s GROUP BY *",
    f"SELECT percent_packet_loss FROM ping WHERE url='192.168.1.1' AND {WINDOW}",
    f"SELECT * FROM ping WHERE url='192.168.1.2' AND time>={T1 - 3600}s AND time<{T1}s",
    f"SELECT last(nothing) FROM ping WHERE {WINDOW} GROUP BY url",
    f"SELECT last(result_code) FROM nothing WHERE {WINDOW} GROUP BY url",
    f"SELECT last(result_code) FROM ping WHERE result_code='0' AND {WINDOW} GROUP BY url",
    f'SELECT last(result_code) FROM ping WHERE "url"="192.168.1.1" AND {WINDOW}',
    "SELECT last(result_code) FROM ping WHERE time>=1000 AND time<2000",
]


@pytest.fixture(scope="module")
def fleet() -> Iterator[DemoFleet]:
    with DemoFleet(cast=VESSELS, clock=FakeClock(NOW)) as running:
        yield running


@pytest.fixture(scope="module")
def loaded(influxd: Influxd, fleet: DemoFleet) -> Influxd:
    """What the vessels recorded of the last days, written into databases named like them."""
    for id_, vessel in fleet.vessels.items():
        influxd.create_database(id_)
        end = minute_of(vessel.now(NOW)) + 1
        influxd.write(id_, lines(vessel.tracks, end - DAYS * 1440, end))
    return influxd


def lines(tracks: dict[str, PingSeries], start: int, end: int) -> Iterator[str]:
    """Line protocol of every ping of the minutes [start, end)."""
    for url, track in tracks.items():
        for spell in track.spells(start, end):
            for minute in range(spell.start, spell.end):
                yield f"ping,url={url} {fields(track, spell, minute)} {minute * 60}"


def fields(track: PingSeries, spell: Segment, minute: int) -> str:
    reply = spell.reply
    values = {
        "result_code": f"{reply.result_code}i",
        "percent_packet_loss": reply.percent_packet_loss,
        "packets_transmitted": None if reply.packets_transmitted is None else f"{reply.packets_transmitted}i",
        "packets_received": None if reply.packets_received is None else f"{reply.packets_received}i",
        "average_response_ms": track.response_ms(minute) if reply.timed else None,
    }
    return ",".join(f"{name}={value}" for name, value in values.items() if value is not None)


def ask(url: str, database: str, q: str, epoch: str = "s") -> tuple[int, Any]:
    with requests.Session() as session:
        session.trust_env = False
        answer = session.post(f"{url}/query", data={"db": database, "q": q, "epoch": epoch}, timeout=30)
    return answer.status_code, answer.json()


@pytest.mark.integration
@pytest.mark.parametrize("vessel", [vessel.id for vessel in VESSELS], ids=[vessel.story for vessel in VESSELS])
@pytest.mark.parametrize("statement", STATEMENTS)
def test_both_answer_alike(loaded: Influxd, fleet: DemoFleet, vessel: str, statement: str) -> None:
    statement = bounded(statement)
    assert ask(fleet.url, vessel, statement) == ask(loaded.url, vessel, statement)


def bounded(statement: str) -> str:
    """The real one holds the last days only, the simulated one more: where no bound is given, there it begins."""
    if "time>" in statement:
        return statement
    return statement.replace("FROM ping", f"FROM ping WHERE {LOOKBACK}")


@pytest.mark.integration
@pytest.mark.parametrize("epoch", ["s", "ms", "ns", ""])
def test_many_statements_in_one_request(loaded: Influxd, fleet: DemoFleet, epoch: str) -> None:
    together = ";".join(map(bounded, STATEMENTS))
    assert ask(fleet.url, "oddest", together, epoch) == ask(loaded.url, "oddest", together, epoch)


@pytest.mark.integration
@pytest.mark.parametrize(
    ("database", "statement"),
    [
        ("titanic", STATEMENTS[0]),
        ("titanic", ";".join(STATEMENTS[:5])),
        ("oddest", ""),
        ("oddest", "SELECT middle(result_code) FROM ping"),
    ],
)
def test_both_fail_alike(loaded: Influxd, fleet: DemoFleet, database: str, statement: str) -> None:
    assert ask(fleet.url, database, statement) == ask(loaded.url, database, statement)


@pytest.mark.integration
@pytest.mark.parametrize("statement", ["garbage", "SELECT count(a FROM ping", "SELECT a FROM ping WHERE b='"])
def test_both_refuse_what_they_cannot_read(loaded: Influxd, fleet: DemoFleet, statement: str) -> None:
    for url in (fleet.url, loaded.url):
        status, body = ask(url, "oddest", statement)
        assert status == 400
        assert body["error"].startswith("error parsing query: ")
