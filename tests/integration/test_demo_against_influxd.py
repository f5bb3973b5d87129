"""The same pings in a simulated vessel and in a real InfluxDB: the same answers to what fleetdash asks."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from fleetdash.demo import DemoFleet
from fleetdash.demo.builder import build_fleet
from fleetdash.demo.faults import FaultSpec
from fleetdash.demo.ping_series import PingSeries
from fleetdash.demo.replies import ODDITIES, Reply
from fleetdash.demo.vessels import DEVICES, VesselProfile, minute_of
from fleetdash.domain.status import Limits
from fleetdash.influx.query import PingQuery, QueryWindow
from tests.support.clock import FakeClock
from tests.support.influxd import Influxd

NOW = datetime(2024, 5, 17, 12, 7, 31, tzinfo=UTC)
DAYS = 3
T1 = int(NOW.timestamp())

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
    outages_per_day=9,
    faults=tuple(
        FaultSpec(odd, since=timedelta(minutes=7 * i), every=timedelta(minutes=35), lasts=timedelta(minutes=6))
        for i, odd in enumerate(ODDITIES)
    ),
)
VESSELS = (
    *(replace(vessel, devices=DEVICES, delay_seconds=0) for vessel in build_fleet(66) if vessel.story in STORIES),
    ODDEST,
)

LIMITS = Limits(lookback=timedelta(days=DAYS))


def statements(skew: int = 0) -> list[str]:
    """What fleetdash sends to a vessel whose clock is ahead by `skew` seconds."""
    window = QueryWindow.before(NOW, LIMITS, skew)
    devices = [("192.168.1.60", T1 - 20_000), ("192.168.1.1", None), ("it's none; \\ \n", None)]
    query = PingQuery("ping", "url")
    return [
        *(statement for group in query.request(window, devices).groups for statement in group),
        *query.around(window, window.end - 7000),
    ]


STATEMENTS = [
    *statements(),
    *statements(1843),
    *statements(-7261),
    *(group[0] for group in PingQuery("nothing", "url").request(QueryWindow.before(NOW, LIMITS, 0)).groups if group),
]


@pytest.fixture(scope="module")
def fleet() -> Iterator[DemoFleet]:
    with DemoFleet(profiles=VESSELS, clock=FakeClock(NOW)) as running:
        yield running


@pytest.fixture(scope="module")
def loaded(influxd: Influxd, fleet: DemoFleet) -> Influxd:
    """What the vessels recorded of the last days, written into databases named like them."""
    for id_, vessel in fleet.vessels.items():
        influxd.create_database(id_)
        end = minute_of(vessel.now(NOW)) + 1
        influxd.write(id_, lines(vessel.pings, end - (DAYS + 1) * 1440, end))
    return influxd


def lines(pings: dict[str, PingSeries], start: int, end: int) -> Iterator[str]:
    """Line protocol of every ping of the minutes [start, end)."""
    for url, series in pings.items():
        for segment in series.segments(start, end):
            for minute in range(segment.start, segment.end):
                yield f"ping,url={url} {fields(series, segment.reply, minute)} {minute * 60}"


def fields(series: PingSeries, reply: Reply, minute: int) -> str:
    values = {
        "result_code": f"{reply.result_code}i",
        "percent_packet_loss": reply.percent_packet_loss,
        "packets_transmitted": None if reply.packets_transmitted is None else f"{reply.packets_transmitted}i",
        "packets_received": None if reply.packets_received is None else f"{reply.packets_received}i",
        "average_response_ms": series.response_ms(minute) if reply.timed else None,
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
    assert ask(fleet.url, vessel, statement) == ask(loaded.url, vessel, statement)


@pytest.mark.integration
@pytest.mark.parametrize("epoch", ["s", ""])
def test_many_statements_in_one_request(loaded: Influxd, fleet: DemoFleet, epoch: str) -> None:
    together = ";".join(STATEMENTS)
    assert ask(fleet.url, "oddest", together, epoch) == ask(loaded.url, "oddest", together, epoch)


@pytest.mark.integration
@pytest.mark.parametrize(
    ("database", "statement"),
    [
        ("titanic", STATEMENTS[0]),
        ("titanic", ";".join(STATEMENTS[:5])),
        ("oddest", ""),
    ],
)
def test_both_fail_alike(loaded: Influxd, fleet: DemoFleet, database: str, statement: str) -> None:
    assert ask(fleet.url, database, statement) == ask(loaded.url, database, statement)


@pytest.mark.integration
@pytest.mark.parametrize(
    "statement", ["garbage", "SELECT count(a FROM ping", "SELECT a FROM ping WHERE b='", f"{STATEMENTS[0]} x"]
)
def test_both_refuse_what_they_cannot_read(loaded: Influxd, fleet: DemoFleet, statement: str) -> None:
    for url in (fleet.url, loaded.url):
        status, body = ask(url, "oddest", statement)
        assert status == 400
        assert body["error"].startswith("error parsing query: ")
