"""The simulated vessels over real HTTP."""

import gzip
import http.client
import json
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from threading import Event, Thread
from typing import Any
from urllib.parse import urlencode

import pytest
import requests

from fleetdash.config import settings
from fleetdash.demo import DemoFleet
from fleetdash.demo.behaviour import Reaction, always, flaky, hanging, unplugged
from fleetdash.demo.vessels import VesselProfile
from fleetdash.domain.clock import SystemClock
from fleetdash.domain.pings import QueryContext
from fleetdash.domain.runs import Attempt, ErrorKind, Run, RunStatus, Trigger
from fleetdash.errors import ConfigurationError
from fleetdash.monitoring.fleet_run import FleetRun
from fleetdash.monitoring.monitor import http_query, retry_policy, worker_pool
from tests.support import present
from tests.support.clock import FakeClock

LAST = (
    "SELECT result_code,percent_packet_loss,percent_reply_loss FROM ping WHERE time>=0s "
    "GROUP BY url,host ORDER BY time DESC LIMIT 1"
)

PROFILES = (
    VesselProfile("steady"),
    VesselProfile("one", behaviour=flaky(1)),
    VesselProfile("two", behaviour=flaky(2, Reaction.CLOSE, Reaction.UNAVAILABLE)),
    VesselProfile("three", behaviour=flaky(3, Reaction.UNAVAILABLE, Reaction.RATE_LIMIT, Reaction.CLOSE)),
    VesselProfile("gone", behaviour=unplugged()),
    VesselProfile("hanging", behaviour=hanging()),
    VesselProfile("locked", behaviour=always(Reaction.DENY)),
    VesselProfile("portal", behaviour=always(Reaction.PORTAL)),
    VesselProfile("empty", behaviour=always(Reaction.NO_DATABASE)),
    VesselProfile("refusing", behaviour=always(Reaction.REFUSE)),
    VesselProfile("ahead", clock_ahead=timedelta(hours=2)),
)


@pytest.fixture
def fleet() -> Iterator[DemoFleet]:
    with DemoFleet(profiles=PROFILES) as running:
        yield running


def post(fleet: DemoFleet, vessel: str, q: str = LAST, **more: Any) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        return session.post(f"{fleet.url}/query", data={"db": vessel, "q": q, "epoch": "s"}, timeout=5, **more)


def test_an_answer_looks_like_one_of_influxdb(fleet: DemoFleet) -> None:
    answer = post(fleet, "steady")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["X-Influxdb-Version"] == "1.6.7"
    (result,) = answer.json()["results"]
    assert [series["tags"]["url"] for series in result["series"]] == sorted(
        (d.ip_address for d in PROFILES[0].devices), reverse=True
    )


def test_a_client_that_knows_no_gzip_gets_plain_json(fleet: DemoFleet) -> None:
    answer = post(fleet, "steady", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in answer.headers
    assert answer.json() == json.loads(gzip.decompress(gzip.compress(answer.content)))


def test_get_works_too_and_without_epoch_times_are_text(fleet: DemoFleet) -> None:
    with requests.Session() as session:
        session.trust_env = False
        answer = session.get(f"{fleet.url}/query", params={"db": "steady", "q": LAST}, timeout=5)
    newest = answer.json()["results"][0]["series"][0]["values"][0][0]
    assert present.now() - datetime.fromisoformat(newest) < timedelta(minutes=2)


def test_one_connection_carries_many_requests(fleet: DemoFleet) -> None:
    connection = http.client.HTTPConnection(fleet.url.removeprefix("http://"), timeout=5)
    for _ in range(3):
        connection.request("GET", "/query?" + urlencode({"db": "steady", "q": LAST}))
        answer = connection.getresponse()
        assert (answer.status, answer.will_close) == (200, False)
        answer.read()
    connection.close()
    assert fleet.requests("steady") == 3


def test_ping_proves_nothing(fleet: DemoFleet) -> None:
    assert requests.get(f"{fleet.url}/ping", timeout=5).status_code == 204
    assert requests.get(f"{fleet.url}/other", timeout=5).status_code == 404


def test_a_database_that_is_not_there(fleet: DemoFleet) -> None:
    assert post(fleet, "titanic").json() == {"results": [{"statement_id": 0, "error": "database not found: titanic"}]}


def test_what_cannot_be_read_is_a_400(fleet: DemoFleet) -> None:
    answer = post(fleet, "steady", "SELECT")
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("error parsing query: found SELECT")
    assert post(fleet, "steady", "").json() == {"error": 'missing required parameter "q"'}


def test_credentials_that_are_missing_or_wrong(fleet: DemoFleet) -> None:
    missing, wrong = post(fleet, "locked"), post(fleet, "locked", auth=("reader", "guess"))
    assert missing.status_code == wrong.status_code == 401
    assert missing.json() == {"error": "unable to parse authentication credentials"}
    assert wrong.json() == {"error": "authorization failed"}


def test_a_vessel_whose_clock_is_ahead_says_so(fleet: DemoFleet) -> None:
    ahead = parsedate_to_datetime(post(fleet, "ahead").headers["Date"]) - present.now()
    assert abs(ahead - timedelta(hours=2)) < timedelta(seconds=5)


def test_time_is_the_clock_s_that_was_handed_in() -> None:
    clock = FakeClock()
    with DemoFleet(profiles=[VesselProfile("steady")], clock=clock) as fleet:
        clock.advance(3600)
        newest = post(fleet, "steady").json()["results"][0]["series"][0]["values"][0][0]
    assert newest == clock.now().timestamp()


def test_stopping_does_not_wait_for_vessels_that_never_answer(fleet: DemoFleet) -> None:
    asked, ended = Event(), Event()

    def ask() -> None:
        asked.set()
        with pytest.raises(requests.ConnectionError):
            post(fleet, "hanging")
        ended.set()

    Thread(target=ask, daemon=True).start()
    assert asked.wait(5)
    while fleet.requests("hanging") == 0:
        Event().wait(0.01)
    started = time.monotonic()
    fleet.stop()
    assert time.monotonic() - started < 1
    assert ended.wait(1)


def test_a_port_that_is_taken_is_an_error(fleet: DemoFleet) -> None:
    port = int(fleet.url.rpartition(":")[2])
    with pytest.raises(ConfigurationError, match="choose another port"):
        DemoFleet(profiles=PROFILES, port=port)


def run(fleet: DemoFleet) -> dict[str, list[Attempt]]:
    """One run by the real engine, its waits shortened; the attempts by vessel."""
    environ = {"FLEETDASH_RETRY__BACKOFF_SECONDS": "[0, 0, 0]", "FLEETDASH_QUERY__TIMEOUT_SECONDS": "0.5"}
    config, clock = settings.parse(fleet.fleet_file(), environ), SystemClock()
    attempts: dict[str, list[Attempt]] = {vessel.vessel.id: [] for vessel in config.targets}
    FleetRun(
        Run("1", clock.now(), Trigger.MANUAL, RunStatus.RUNNING, len(config.targets)),
        config.targets,
        {vessel.vessel.id: QueryContext() for vessel in config.targets},
        pool=worker_pool(config, clock, http_query(config, clock)),
        policy=retry_policy(config),
        record=lambda _run, vessel, attempt, _answer: attempts[vessel.vessel.id].append(attempt),
        clock=clock,
        stop=Event(),
    ).execute()
    return attempts


def test_vessels_need_exactly_their_retries_in_every_run(fleet: DemoFleet) -> None:
    for _ in range(2):
        attempts = run(fleet)
        reached = {vessel: len(chain) - 1 for vessel, chain in attempts.items() if chain[-1].success}
        assert reached == {"steady": 0, "one": 1, "two": 2, "three": 3, "ahead": 0}


def test_every_failure_has_its_kind(fleet: DemoFleet) -> None:
    last = {vessel: chain[-1].error_kind for vessel, chain in run(fleet).items() if not chain[-1].success}
    assert last == {
        "gone": ErrorKind.CONNECTION,
        "hanging": ErrorKind.TIMEOUT,
        "empty": ErrorKind.CONFIGURATION,
        "locked": ErrorKind.AUTHENTICATION,
        "portal": ErrorKind.INVALID_DATA,
        "refusing": ErrorKind.CONNECTION,
    }
    assert fleet.requests("hanging") == 4
    assert fleet.requests("locked") == 1
