"""What a page asks again and again, over real HTTP on the composed app: cheap, shared, and never for whom it is not."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import peewee
import pytest
import requests
from fastapi import FastAPI

from fleetdash import composition
from fleetdash.domain.runs import Trigger
from fleetdash.queries import FleetReader, data_version
from fleetdash.storage.accounts import AuditLog
from fleetdash.storage.recorder import Recorder
from fleetdash.storage.run_logger import SchedulerRunLogger
from fleetdash.storage.vessel_states import VesselStates
from tests.integration.test_access import bearer
from tests.support.access import OPERATORS_KEY, VIEWERS_KEY, SchedulerStub, guarded_app
from tests.support.api import PROBLEM, serving
from tests.support.clock import FakeClock
from tests.support.records import NOON, make_vessel, reached
from tests.support.statements import statements_sent
from tests.support.waiting import wait_until

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

OPERATOR, VIEWER = bearer(OPERATORS_KEY), bearer(VIEWERS_KEY)


@pytest.fixture
def app(database: peewee.Database, clock: FakeClock) -> FastAPI:
    return guarded_app(database, clock, SchedulerStub())


class Pages:
    """Asks what pages ask."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._callbacks = requests.get(f"{address}/_dash-dependencies", headers=OPERATOR, timeout=10).json()

    def poll(self, headers: dict[str, str] = OPERATOR, known: str = "") -> requests.Response:
        return requests.get(f"{self.address}/api/version", headers=headers | {"If-None-Match": known}, timeout=10)

    def version(self) -> str:
        version: str = self.poll().json()["version"]
        return version

    def part(self, output: str, version: str, headers: dict[str, str] = OPERATOR) -> requests.Response:
        """Of those that depend on nothing but the version."""
        callback = next(each for each in self._callbacks if output in each["output"])
        values = {"retry.data": 0, "version.data": version}
        outputs = [dict(zip(("id", "property"), each.rsplit(".", 1), strict=True)) for each in _outputs(callback)]
        body = {
            "output": callback["output"],
            "outputs": outputs if len(outputs) > 1 else outputs[0],
            "inputs": [{**each, "value": values[f"{each['id']}.{each['property']}"]} for each in callback["inputs"]],
            "changedPropIds": ["version.data"],
            "state": [],
        }
        return requests.post(f"{self.address}/_dash-update-component", json=body, headers=headers, timeout=10)


def _outputs(callback: dict[str, Any]) -> list[str]:
    outputs: list[str] = callback["output"].strip(".").split("...")
    return outputs


@pytest.fixture
def pages(app: FastAPI) -> Iterator[Pages]:
    with serving(app) as address:
        yield Pages(address)


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """A version once read serves everyone, so that no slow machine reads twice."""
    monkeypatch.setattr(data_version, "LOOK_SECONDS", 600)


def test_a_version_is_its_own_etag_and_costs_no_body_twice(pages: Pages) -> None:
    newest = pages.poll()
    assert newest.headers["ETag"] == f'"{newest.json()["version"]}"'
    again = pages.poll(known=newest.headers["ETag"])
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.usefixtures("kept")
def test_all_polls_share_one_look(pages: Pages, database: peewee.Database) -> None:
    version = pages.version()
    with statements_sent(database) as sent:
        assert {pages.version() for _ in range(20)} == {version}
    assert sent == []


def test_a_change_reaches_whoever_polls(pages: Pages, database: peewee.Database) -> None:
    log = SchedulerRunLogger(database)
    version = pages.version()
    run = log.log_run_start(Trigger.MANUAL, 1, NOON)
    log.log_vessel_query_result(run.run_id, reached())
    wait_until(lambda: pages.version() != version, "the page to be told")
    answer = pages.part("run-progress", pages.version())
    assert answer.json()["response"]["refresh-interval"]["interval"] == 1000
    assert "1 of 1" in answer.text


@pytest.mark.usefixtures("kept")
def test_what_pages_ask_alike_is_rendered_once(pages: Pages, database: peewee.Database) -> None:
    version = pages.version()
    with statements_sent(database) as sent:
        first = pages.part("scheduler-line", version)
        once = len(sent)
        with ThreadPoolExecutor(8) as pool:
            others = list(pool.map(lambda _: pages.part("scheduler-line", version), range(16)))
    assert 0 < once == len(sent)
    assert {(answer.status_code, answer.content) for answer in others} == {(200, first.content)}


@pytest.mark.usefixtures("kept")
def test_nothing_is_kept_for_a_version_that_is_not_the_newest(pages: Pages, database: peewee.Database) -> None:
    pages.version()
    assert "of 7" not in pages.part("run-progress", "made up").text
    SchedulerRunLogger(database).log_run_start(Trigger.MANUAL, 7, NOON)
    assert "of 7" in pages.part("run-progress", "made up").text


@pytest.mark.usefixtures("kept")
def test_another_role_is_given_its_own_answer(pages: Pages) -> None:
    version = pages.version()

    def may_not_run(headers: dict[str, str]) -> bool:
        disabled: bool = pages.part("run-progress", version, headers).json()["response"]["run-now"]["disabled"]
        return disabled

    assert [may_not_run(who) for who in (OPERATOR, VIEWER, OPERATOR, VIEWER)] == [False, True, False, True]


def test_strangers_are_told_nothing(pages: Pages) -> None:
    version = pages.version()
    for headers in ({}, bearer("fd_wrong")):
        for answer in (pages.poll(headers), pages.part("scheduler-line", version, headers)):
            assert answer.status_code == 401
            assert version not in answer.text


def test_a_database_that_cannot_be_read_is_a_problem_until_it_is_back(pages: Pages, database: peewee.Database) -> None:
    database.execute_sql("ALTER TABLE scheduler_runs RENAME TO runs_away")
    wait_until(lambda: pages.poll().status_code == 503, "the version to be unknown")
    assert pages.poll().headers["Content-Type"] == PROBLEM
    database.execute_sql("ALTER TABLE runs_away RENAME TO scheduler_runs")
    wait_until(lambda: pages.poll().status_code == 200, "the version to be known again")


def test_a_callback_that_raises_is_logged_with_its_trace(
    pages: Pages, database: peewee.Database, caplog: pytest.LogCaptureFixture
) -> None:
    database.execute_sql("ALTER TABLE scheduler_runs RENAME TO runs_away")
    answer = pages.part("run-progress", "any")
    database.execute_sql("ALTER TABLE runs_away RENAME TO scheduler_runs")
    assert "load-error" in answer.text
    assert [record.exc_info is not None for record in caplog.records if "The run under way" in record.message] == [True]


@pytest.mark.parametrize(("vessels", "brought"), [(300, 300), (301, 0)])
def test_cards_come_with_the_layout_unless_they_would_hold_the_page_back(
    database: peewee.Database, clock: FakeClock, vessels: int, brought: int
) -> None:
    fleet = tuple(make_vessel(f"vessel{number}", "10.0.0.1") for number in range(vessels))
    Recorder(database, VesselStates(database)).fleet_changed(fleet, NOON)
    with serving(composition.create_app(FleetReader(database), SchedulerStub(), AuditLog(database), clock)) as url:
        layout = requests.get(f"{url}/_dash-layout", headers={"Referer": f"{url}/"}, timeout=30).text
    assert layout.count("data-vessel-id") == brought
