"""On whose behalf code runs: on the event loop, in threads, in background tasks, over WebSockets, outside requests."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import peewee
import pytest
import requests
from dash import Dash, Input, Output, html
from fastapi import BackgroundTasks, FastAPI, WebSocket
from websockets.sync.client import connect

from fleetdash import composition
from fleetdash.api import create_api
from fleetdash.auth.audited_scheduler import AuditedScheduler
from fleetdash.domain.access import Caller, Role, acting_as, current_caller
from fleetdash.errors import NotAllowed
from fleetdash.queries import FleetReader
from fleetdash.queries.data_version import DataVersion
from fleetdash.storage.accounts import AuditLog
from fleetdash.web.callbacks.registration import threaded_callback
from fleetdash.web.callbacks.rendered import Rendered
from tests.integration.test_access import bearer
from tests.support.access import ANNA, OPERATORS_KEY, VERA, VIEWERS_KEY, SchedulerStub, authenticator_of
from tests.support.api import serving
from tests.support.clock import FakeClock
from tests.support.waiting import wait_until

PROGRAMS = {"grafana": VIEWERS_KEY, "cron": OPERATORS_KEY}


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """It makes no difference here which database it is."""
    return f"sqlite:///{tmp_path / 'fleetdash.db'}"


def name() -> str:
    caller = current_caller()
    return caller.name if caller else "nobody"


@pytest.fixture
def names() -> list[str]:
    """Whom the background tasks acted for."""
    return []


@pytest.fixture
def app(names: list[str]) -> FastAPI:
    """Answers with the caller's name, in each way that code runs."""
    app, dashed = FastAPI(), FastAPI()
    both = threading.Barrier(2)

    @app.get("/on-the-loop")
    async def on_the_loop() -> str:
        return name()

    @app.get("/in-a-thread")
    def in_a_thread() -> str:
        both.wait(10)  # the other caller's request is in progress too
        return name()

    @app.get("/in-the-background")
    def in_the_background(tasks: BackgroundTasks) -> None:
        tasks.add_task(lambda: names.append(name()))

    @app.websocket("/socket")
    async def socket(websocket: WebSocket) -> None:
        await websocket.accept()
        while True:
            await websocket.receive_text()
            await websocket.send_text(await asyncio.to_thread(name))

    dash = Dash("named", server=dashed)  # type: ignore[arg-type]  # dash types Flask only, and takes FastAPI
    dash.layout = html.Div([html.Button(id="ask"), html.Div(id="name")])
    threaded_callback(dash, Output("name", "children"), Input("ask", "n_clicks"))(lambda _clicks: name())
    app.mount("", dashed)
    return app


@pytest.fixture
def served(app: FastAPI, database: peewee.Database, clock: FakeClock) -> Iterator[str]:
    composition.add_middleware(app, authenticator=authenticator_of(database, clock, ANNA, VERA))
    with serving(app) as address:
        yield address


@pytest.mark.parametrize(("program", "key"), PROGRAMS.items())
def test_a_request_acts_for_who_sent_it(served: str, program: str, key: str) -> None:
    assert requests.get(f"{served}/on-the-loop", headers=bearer(key), timeout=10).json() == program


def test_requests_at_the_same_time_do_not_act_for_each_other(served: str) -> None:
    def ask(key: str) -> str:
        return str(requests.get(f"{served}/in-a-thread", headers=bearer(key), timeout=20).json())

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(ask, PROGRAMS.values())) == list(PROGRAMS)


@pytest.mark.parametrize(("program", "key"), PROGRAMS.items())
def test_a_background_task_acts_for_who_sent_the_request(served: str, names: list[str], program: str, key: str) -> None:
    requests.get(f"{served}/in-the-background", headers=bearer(key), timeout=10)
    wait_until(lambda: names == [program], "the task to run")


def test_a_websocket_acts_for_who_opened_it(served: str) -> None:
    address = f"{served.replace('http', 'ws', 1)}/socket"
    with (
        connect(address, additional_headers=bearer(VIEWERS_KEY)) as grafana,
        connect(address, additional_headers=bearer(OPERATORS_KEY)) as cron,
    ):
        for client, program in ((cron, "cron"), (grafana, "grafana"), (cron, "cron")):
            client.send("?")
            assert client.recv(timeout=10) == program


@pytest.mark.parametrize(("program", "key"), PROGRAMS.items())
def test_a_callback_acts_for_who_triggered_it(served: str, program: str, key: str) -> None:
    body: dict[str, Any] = {
        "output": "name.children",
        "outputs": {"id": "name", "property": "children"},
        "inputs": [{"id": "ask", "property": "n_clicks", "value": 1}],
        "changedPropIds": ["ask.n_clicks"],
    }
    # a viewer too may post to this address
    answer = requests.post(f"{served}/_dash-update-component", json=body, headers=bearer(key), timeout=10)
    assert answer.json()["response"]["name"]["children"] == program


def test_where_nobody_has_to_log_in_everyone_is_an_operator_without_a_name(app: FastAPI) -> None:
    @app.get("/role")
    def role() -> tuple[str, str, str]:
        caller = current_caller()
        return (caller.name, caller.role, caller.address) if caller else ("", "nobody", "")

    app.router.routes.insert(0, app.router.routes.pop())  # before the mounted page
    composition.add_middleware(app)
    with serving(app) as address:
        assert requests.get(f"{address}/role", timeout=10).json() == ["", "operator", "127.0.0.1"]


def test_outside_of_a_request_nobody_acts_and_nobody_starts_a_run(database: peewee.Database, clock: FakeClock) -> None:
    scheduler = SchedulerStub()
    audited = AuditedScheduler(scheduler, AuditLog(database), clock)
    assert current_caller() is None
    with acting_as(Caller("anna", Role.OPERATOR)), ThreadPoolExecutor(1) as pool:
        assert pool.submit(name).result() == "nobody"
    with pytest.raises(NotAllowed):
        audited.request_run()
    assert scheduler.asked == []


def test_an_app_without_middleware_serves_nobody(database: peewee.Database, clock: FakeClock) -> None:
    scheduler = SchedulerStub()
    audited, queries = AuditedScheduler(scheduler, AuditLog(database), clock), FleetReader(database)
    api = create_api(queries, audited, clock=clock, versions=DataVersion(queries, audited, clock))
    with serving(api) as address:
        assert requests.post(f"{address}/api/scheduler-runs", timeout=10).status_code == 403
        assert requests.get(f"{address}/api/health", timeout=10).json() == {"status": "ok"}
    assert scheduler.asked == []


def test_what_is_kept_for_a_role_names_nobody(database: peewee.Database, clock: FakeClock) -> None:
    versions = DataVersion(FleetReader(database), SchedulerStub(), clock)
    rendered = Rendered(versions)

    def render(_version: str) -> Caller | None:
        return current_caller()

    async def ask(caller: Caller | None) -> Caller | None:
        with acting_as(caller):
            found: Caller | None = await rendered.get(render, await versions.shared())
            return found

    async def all_ask() -> list[Caller | None]:
        callers = (Caller("anna", Role.OPERATOR, "10.0.0.1"), Caller("vera", Role.VIEWER), None)
        return [await ask(caller) for caller in callers]

    assert asyncio.run(all_ask()) == [Caller("", Role.OPERATOR), Caller("", Role.VIEWER), None]
