"""What many pages ask alike, over real HTTP on the composed app: answered once, and never to whom it does not fit."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import peewee
import pytest
import requests
from fastapi import FastAPI

from fleetdash.domain.runs import Trigger
from fleetdash.storage.run_logger import SchedulerRunLogger
from fleetdash.web.callbacks import sharing
from tests.integration.test_access import bearer, press_run_now
from tests.support.access import OPERATORS_KEY, VIEWERS_KEY, SchedulerStub, guarded_app
from tests.support.api import serving
from tests.support.clock import FakeClock
from tests.support.records import NOON, reached
from tests.support.statements import statements_sent
from tests.support.waiting import wait_until

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

OPERATOR, VIEWER = bearer(OPERATORS_KEY), bearer(VIEWERS_KEY)
EVIL = {"Origin": "https://evil.example"}


@pytest.fixture
def scheduler() -> SchedulerStub:
    return SchedulerStub()


@pytest.fixture
def app(database: peewee.Database, clock: FakeClock, scheduler: SchedulerStub) -> FastAPI:
    return guarded_app(database, clock, scheduler)


class Pages:
    """Asks what pages ask."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._callbacks = requests.get(f"{address}/_dash-dependencies", headers=OPERATOR, timeout=10).json()
        self.ticks = 0

    def poll(self, version: str, headers: dict[str, str] = OPERATOR, *, interval: int = 5000) -> requests.Response:
        self.ticks += 1
        known = {"version.data": version, "refresh-interval.interval": interval, "older-data.hidden": True}
        return self._ask({"refresh-interval.n_intervals": self.ticks}, known, headers)

    def region(self, name: str, version: str, headers: dict[str, str] = OPERATOR) -> requests.Response:
        """Of those that depend on nothing but the version."""
        return self._ask({"retry.data": 0, "version.data": version}, {}, headers, of=name)

    def version(self) -> str:
        version: str = self.poll("").json()["response"]["version"]["data"]
        return version

    def _ask(
        self, inputs: dict[str, Any], known: dict[str, Any], headers: dict[str, str], of: str = ""
    ) -> requests.Response:
        callback = next(
            each
            for each in self._callbacks
            if [f"{i['id']}.{i['property']}" for i in each["inputs"]] == list(inputs) and of in each["output"]
        )
        outputs = callback["output"].strip(".").split("...")
        body = {
            "output": callback["output"],
            "outputs": [dict(zip(("id", "property"), each.rsplit(".", 1), strict=True)) for each in outputs],
            "inputs": [
                {**each, "value": value} for each, value in zip(callback["inputs"], inputs.values(), strict=True)
            ],
            "changedPropIds": [list(inputs)[-1]],
            "state": [{**each, "value": known[f"{each['id']}.{each['property']}"]} for each in callback["state"]],
        }
        return requests.post(f"{self.address}/_dash-update-component", json=body, headers=headers, timeout=10)


@pytest.fixture
def pages(app: FastAPI) -> Iterator[Pages]:
    with serving(app) as address:
        yield Pages(address)


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is found out once stays known, so that no slow machine asks twice."""
    monkeypatch.setattr(sharing, "LOOK_SECONDS", 600)
    monkeypatch.setattr(sharing, "SHARED_SECONDS", 600)


def test_a_poll_that_finds_nothing_new_is_answered_with_nothing(pages: Pages) -> None:
    answer = pages.poll(pages.version())
    assert (answer.status_code, answer.content) == (204, b"")
    assert list(answer.headers) == ["date"]


@pytest.mark.usefixtures("kept")
def test_all_polls_share_one_look(pages: Pages, database: peewee.Database) -> None:
    version = pages.version()
    with statements_sent(database) as sent:
        assert {pages.poll(version).status_code for _ in range(20)} == {204}
    assert sent == []


@pytest.mark.usefixtures("kept")
def test_what_pages_ask_alike_is_rendered_once(pages: Pages, database: peewee.Database) -> None:
    version = pages.version()
    with statements_sent(database) as sent:
        first = pages.region("scheduler-line", version)
        once = len(sent)
        with ThreadPoolExecutor(8) as pool:
            others = list(pool.map(lambda _: pages.region("scheduler-line", version), range(16)))
        polls = [pages.poll("an old version") for _ in range(2)]
        before = len(sent)
        assert pages.poll("an old version").content == polls[0].content == polls[1].content
    assert once > 0
    assert len(sent) == before
    assert {(answer.status_code, answer.content) for answer in others} == {(200, first.content)}
    assert dict(others[0].headers) == dict(first.headers) | {"date": others[0].headers["date"]}


def test_a_change_reaches_whoever_polls(pages: Pages, database: peewee.Database) -> None:
    log = SchedulerRunLogger(database)
    version = pages.version()
    assert pages.poll(version).status_code == 204
    run = log.log_run_start(Trigger.MANUAL, 1, NOON)
    log.log_vessel_query_result(run.run_id, reached())
    answers: list[requests.Response] = []

    def changed() -> bool:
        answers.append(pages.poll(version))
        return answers[-1].status_code == 200

    wait_until(changed, "the page to be told")
    told = answers[-1].json()["response"]
    assert told["version"]["data"] != version
    assert told["refresh-interval"]["interval"] == 1000
    assert "1 of 1" in pages.region("run-progress", told["version"]["data"]).text


def test_of_another_version_another_answer_is_made(pages: Pages, database: peewee.Database) -> None:
    before = pages.version()
    assert "of 7" not in pages.region("run-progress", before).text
    SchedulerRunLogger(database).log_run_start(Trigger.MANUAL, 7, NOON)
    assert "of 7" in pages.region("run-progress", before + "x").text


@pytest.mark.usefixtures("kept")
def test_another_role_is_given_its_own_answer(pages: Pages) -> None:
    version = pages.version()

    def may_not_run(headers: dict[str, str]) -> bool:
        answer = pages.region("run-progress", version, headers).json()
        disabled: bool = answer["response"]["run-now"]["disabled"]
        return disabled

    assert [may_not_run(who) for who in (OPERATOR, VIEWER, OPERATOR, VIEWER)] == [False, True, False, True]


@pytest.mark.usefixtures("kept")
def test_strangers_and_other_sites_are_told_nothing(pages: Pages) -> None:
    version = pages.version()
    assert pages.poll(version).status_code == 204
    assert pages.region("scheduler-line", version).status_code == 200
    for headers, refusal in (({}, 401), (bearer("fd_wrong"), 401), (OPERATOR | EVIL, 403)):
        for answer in (pages.poll(version, headers), pages.region("scheduler-line", version, headers)):
            assert answer.status_code == refusal
            assert version not in answer.text


@pytest.mark.usefixtures("kept")
def test_what_changes_something_is_done_each_time(pages: Pages, scheduler: SchedulerStub) -> None:
    operator = requests.Session()
    operator.headers.update(OPERATOR)
    for _ in range(3):
        assert press_run_now(operator, pages.address).status_code == 200
    assert scheduler.asked == ["1", "2", "3"]


@pytest.mark.usefixtures("kept")
def test_a_made_up_poll_spoils_nobody_elses(pages: Pages) -> None:
    """Whoever is let in may send what no page does: the answer is theirs alone."""
    made_up, right = (pages.poll("old", interval=interval).json()["response"] for interval in (1, 5000))
    assert made_up == right | {"refresh-interval": {"interval": 5000}}
    assert "refresh-interval" not in right


@pytest.mark.parametrize("body", [b"", b"null", b"[" * 15_000, b'{"inputs": 1}', b'{"inputs": [1, []]}', b'"' * 20_000])
def test_what_is_no_question_of_a_page_is_left_to_dash(pages: Pages, body: bytes) -> None:
    headers = OPERATOR | {"Content-Type": "application/json"}
    answer = requests.post(f"{pages.address}/_dash-update-component", body, headers=headers, timeout=10)
    assert (answer.status_code, answer.json()["error"]) == (500, "InternalServerError")
    assert pages.poll(pages.version()).status_code == 204
