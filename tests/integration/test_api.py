"""The REST API over real HTTP, on what SQLite and PostgreSQL hold."""

import codecs
import csv
import io
import json
import logging
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urljoin

import peewee
import pytest
import requests
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from fleetdash.api.fleet_cache import FleetCache
from fleetdash.domain.fleet import Vessel
from fleetdash.domain.pings import VesselAnswer
from fleetdash.domain.read_models import VesselReport
from fleetdash.domain.runs import Run, RunStatus, SchedulerStatus, Trigger
from fleetdash.errors import RunUnderWay, SchedulerUnavailable
from fleetdash.queries import FleetReader
from fleetdash.storage.database import migrate, open_database
from fleetdash.storage.recorder import Recorder
from fleetdash.storage.vessel_states import VesselStates
from tests.support.api import FORMULA, PROBLEM, SchedulerStub, a_fleet, open_api, serving
from tests.support.clock import FakeClock
from tests.support.records import NOON, answer, down_for, failed, make_vessel, pinged, reached
from tests.support.waiting import wait_until

sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""Where it makes no difference which database it is."""


@pytest.fixture
def database(database_url: str) -> peewee.Database:
    database = open_database(database_url)
    migrate(database)
    return database


@pytest.fixture
def recorder(database: peewee.Database) -> Recorder:
    return Recorder(database, VesselStates(database))


@pytest.fixture
def scheduler() -> SchedulerStub:
    return SchedulerStub()


@pytest.fixture
def queries(database: peewee.Database) -> FleetReader:
    return FleetReader(database)


@pytest.fixture
def app(queries: FleetReader, scheduler: SchedulerStub, clock: FakeClock) -> FastAPI:
    """The API with a page on it that answers any path, as Dash does."""
    app = open_api(queries, scheduler, clock)

    async def page(_request: Request) -> Response:
        return HTMLResponse("the page")

    app.router.add_route("/{path:path}", page, methods=["GET"])
    return app


@pytest.fixture
def served(app: FastAPI) -> Iterator[str]:
    with serving(app) as address:
        yield address


def get(url: str, status: int = 200, /, **parameters: Any) -> Any:
    """The JSON of an answer that has this status."""
    found = requests.get(url, params=parameters, timeout=10)
    assert found.status_code == status, found.text
    assert found.headers["Content-Type"] == ("application/json" if status == 200 else PROBLEM)
    return found.json()


def a_run(recorder: Recorder, minutes: int = 0, trigger: Trigger = Trigger.SCHEDULE) -> Run:
    start = NOON + timedelta(minutes=minutes)
    run = recorder.runs.log_run_start(trigger, 1, start)
    recorder.runs.log_vessel_query_result(run.run_id, reached(at=start))
    return recorder.runs.log_run_completion(run.run_id, start + timedelta(seconds=8), duration_seconds=8.0)


# --- fleet


def test_the_fleet_is_told_worst_first_with_its_sums(served: str, recorder: Recorder) -> None:
    run = a_fleet(recorder)
    told = get(f"{served}/api/fleet-overview")
    assert [(vessel["vessel_id"], vessel["status"], vessel["sync_status"]) for vessel in told["vessels"]] == [
        ("borealis", "offline", "operational"),
        ("calypso", "unknown", "sync_failed"),
        ("aurora", "degraded", "operational"),
    ]
    assert told["latest_run"]["run_id"] == run.run_id
    assert told["summary"]["by_sync_status"]["sync_failed"] == 1
    counts = ("total_vessels", "offline", "unknown", "degraded", "devices_total", "devices_up", "devices_down")
    assert [told["summary"][name] for name in counts] == [3, 1, 1, 1, 4, 2, 1]
    assert told["vessels"][1]["last_error"] == "no complete answer in 30 s"
    assert not any("devices" in vessel for vessel in told["vessels"])


def test_what_another_fleet_file_says_is_told_at_once(served: str, recorder: Recorder) -> None:
    a_fleet(recorder)
    url = f"{served}/api/fleet-overview"

    def told() -> list[tuple[str, list[str]]]:
        vessels = get(url, include_devices="true")["vessels"]
        return [(vessel["name"], [device["component"] for device in vessel["devices"]]) for vessel in vessels]

    assert told() == told()
    names = {name for name, _ in told()}
    recorder.fleet_changed((make_vessel("aurora", "10.0.0.1", name="Another"),), NOON)
    ((name, components),) = told()
    assert (name, components) == ("Another", ["Server"])
    assert len(names) == 3
    recorder.fleet_changed((make_vessel("aurora", "10.0.0.1", "10.0.0.9", name="Another"),), NOON)
    assert told() == [("Another", ["Server", "Server"])]


def test_the_fleet_that_is_kept_up_vessel_by_vessel_is_the_one_made_anew(
    recorder: Recorder, queries: FleetReader
) -> None:
    kept = FleetCache(queries)
    aurora, borealis = make_vessel("aurora", "10.0.0.1"), make_vessel("borealis", "10.0.0.1")
    seen = set()

    def compare() -> None:
        for include_devices in (False, True):
            told = kept.body(include_devices)
            assert told == FleetCache(queries).body(include_devices)
            assert [vessel["name"] for vessel in json.loads(told[0])["vessels"]]
        seen.add(told)

    def attempted(which: Vessel, minutes: int, given: VesselAnswer | None) -> None:
        at = NOON + timedelta(minutes=minutes)
        attempt = reached(which.id, minutes, at) if given else failed(which.id, minutes, at, ended=True)
        recorder.attempt_ended(run.run_id, which, attempt, given)
        compare()

    recorder.fleet_changed((aurora, borealis), NOON)
    compare()
    run = recorder.runs.log_run_start(Trigger.MANUAL, 2, NOON)
    attempted(aurora, 1, answer(pinged("10.0.0.1")))
    attempted(borealis, 1, answer(pinged("10.0.0.1"), pinged("10.0.0.7")))
    attempted(aurora, 2, None)
    attempted(aurora, 3, answer(down_for("10.0.0.1", timedelta(hours=2))))
    recorder.runs.log_run_completion(run.run_id, NOON)
    compare()
    # another address for a device of which nothing else is told
    recorder.fleet_changed((make_vessel("aurora", "10.0.0.1"), borealis, make_vessel("calypso", "10.0.0.1")), NOON)
    compare()
    recorder.fleet_changed((make_vessel("aurora", "10.0.0.1"), borealis, make_vessel("calypso", "10.0.0.2")), NOON)
    compare()
    recorder.fleet_changed((borealis,), NOON)
    compare()
    assert len(seen) == 9


def test_devices_are_told_when_asked_for(served: str, recorder: Recorder) -> None:
    a_fleet(recorder)
    vessels = get(f"{served}/api/fleet-overview", include_devices="true")["vessels"]
    assert [[device["ip_address"] for device in vessel["devices"]] for vessel in vessels] == [
        ["10.0.0.1"],
        ["10.0.0.1"],
        ["10.0.0.1", "10.0.0.2"],
    ]


def test_a_vessel_is_told_with_its_devices_and_components(served: str, recorder: Recorder) -> None:
    a_fleet(recorder)
    told = get(f"{served}/api/vessels/borealis")
    assert [component["meets_sla"] for component in told["components"]] == [True]
    (device,) = told["devices"]
    assert (device["current_status"], device["down_since"]) == ("down", "2026-03-01T10:00:00.000Z")
    assert len(device["hours"]) == 25


@pytest.mark.parametrize("vessel_id", ["nobody", "a%00b", "-", "%20", "x" * 500])
def test_an_unknown_vessel_is_a_404(served: str, vessel_id: str) -> None:
    assert get(f"{served}/api/vessels/{vessel_id}", 404)["title"] == "Not Found"


# --- runs


def test_the_run_log_is_paged_back_to_the_first_run(served: str, recorder: Recorder) -> None:
    ids = [a_run(recorder, minutes).run_id for minutes in (0, 15, 30)]
    newer = get(f"{served}/api/scheduler-runs", limit=2)
    older = get(f"{served}/api/scheduler-runs", limit=2, cursor=newer["next_cursor"])
    assert [run["run_id"] for run in newer["items"] + older["items"]] == ids[::-1]
    assert older["next_cursor"] is None


@pytest.mark.parametrize(
    "wanted",
    [
        {"trigger": "manual"},
        {"status": "partial"},
        {"vessel_id": "calypso"},
        {"since": "2026-03-01T12:00:00Z", "until": "2026-03-01T13:15:00+01:00"},
    ],
)
def test_the_run_log_is_filtered(served: str, recorder: Recorder, wanted: dict[str, str]) -> None:
    a_run(recorder, -15)
    run = a_fleet(recorder)
    a_run(recorder, 15)
    # a form sends its empty fields too
    empty = dict.fromkeys(("status", "trigger", "vessel_id", "since", "until", "cursor"), "")
    assert [item["run_id"] for item in get(f"{served}/api/scheduler-runs", **empty | wanted)["items"]] == [run.run_id]


@sqlite_only
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("limit", "0"),
        ("limit", "101"),
        ("limit", "many"),
        ("status", "done"),
        ("trigger", "cron"),
        ("since", "noon"),
        ("vessel_id", "a b"),
        ("vessel_id", "a\0"),
        ("cursor", "x" * 201),
    ],
)
def test_a_bad_parameter_is_a_422_that_names_it(served: str, name: str, value: str) -> None:
    problem = get(f"{served}/api/scheduler-runs", 422, **{name: value})
    assert problem["status"] == 422
    assert problem["detail"].startswith(f"{name}: ")


@sqlite_only
def test_a_made_up_cursor_is_a_422(served: str) -> None:
    assert "cursor" in get(f"{served}/api/scheduler-runs", 422, cursor="made-up")["detail"]


def test_a_run_is_told_with_its_attempts(served: str, recorder: Recorder) -> None:
    run = a_fleet(recorder)
    told = get(f"{served}/api/scheduler-runs/{run.run_id}")
    assert (told["status"], told["successful_vessels"], told["duration_seconds"]) == ("partial", 2, 61.0)
    assert [(result["vessel_id"], result["kind"]) for result in told["vessel_results"]][2:] == [
        ("calypso", "initial"),
        ("calypso", "retry"),
    ]
    assert (told["retry_summary"], told["unreachable_vessels"]) == ({"calypso": 1}, ["calypso"])


@pytest.mark.parametrize("run_id", ["0", "999", "nonsense", "9" * 40, "1%00"])
def test_an_unknown_run_is_a_404(served: str, run_id: str) -> None:
    assert get(f"{served}/api/scheduler-runs/{run_id}", 404)["status"] == 404


# --- starting a run


@sqlite_only
def test_a_run_is_started(served: str, scheduler: SchedulerStub) -> None:
    started = requests.post(f"{served}/api/scheduler-runs", headers={"Origin": served}, timeout=10)
    assert (started.status_code, started.json(), scheduler.asked) == (202, {"run_id": "77"}, 1)


@sqlite_only
def test_no_second_run_is_started(served: str, scheduler: SchedulerStub) -> None:
    scheduler.refusal = RunUnderWay("76")
    refused = requests.post(f"{served}/api/scheduler-runs", timeout=10)
    assert (refused.status_code, refused.headers["Content-Type"]) == (409, PROBLEM)
    assert refused.json()["run_id"] == "76"


@sqlite_only
def test_a_run_is_not_started_where_nothing_runs_it(served: str, scheduler: SchedulerStub) -> None:
    scheduler.refusal = SchedulerUnavailable("this process serves only")
    refused = requests.post(f"{served}/api/scheduler-runs", timeout=10)
    assert (refused.status_code, refused.json()["detail"]) == (503, "this process serves only")


@sqlite_only
def test_a_page_of_another_site_starts_no_run(served: str, scheduler: SchedulerStub) -> None:
    refused = requests.post(f"{served}/api/scheduler-runs", headers={"Origin": "https://evil.example"}, timeout=10)
    assert (refused.status_code, refused.headers["Content-Type"], scheduler.asked) == (403, PROBLEM, 0)


# --- health


@sqlite_only
@pytest.mark.parametrize(
    ("state", "verdict", "status"),
    [
        (SchedulerStatus(running=True), "ok", 200),
        (SchedulerStatus(running=True, overdue=True), "degraded", 200),
        (SchedulerStatus(running=False, overdue=True), "failing", 503),
        (SchedulerStatus(running=False, is_local=False), "ok", 200),
        (SchedulerStatus(running=False, is_local=False, overdue=True), "degraded", 200),
    ],
)
def test_health_follows_the_scheduler(
    served: str, scheduler: SchedulerStub, state: SchedulerStatus, verdict: str, status: int
) -> None:
    scheduler.state = state
    found = requests.get(f"{served}/api/health", timeout=10)
    assert (found.status_code, found.json()["status"], found.json()["database"]) == (status, verdict, "ok")
    assert list(found.json()["scheduler"]) == ["running", "current_run_id", "next_run_at", "last_run_at", "overdue"]


def test_a_database_that_cannot_be_read_is_told_without_its_statements(served: str, database: peewee.Database) -> None:
    with database.connection_context():
        database.execute_sql("DROP TABLE scheduler_vessel_results")
        database.execute_sql("DROP TABLE scheduler_runs")
    health = requests.get(f"{served}/api/health", timeout=10)
    assert (health.status_code, health.json()["status"]) == (503, "failing")
    problem = get(f"{served}/api/scheduler-runs", 503)
    assert problem["detail"].startswith("the database cannot be used")
    assert "SELECT" not in problem["detail"] + health.json()["database"]


# --- what is no call, and what breaks


@sqlite_only
@pytest.mark.parametrize("path", ["/api", "/api/", "/api/nothing", "/api/health/", "/api/vessels", "/api/vessels/a/b"])
def test_an_unknown_path_is_a_404_and_never_the_page(served: str, path: str) -> None:
    assert get(served + path, 404)["title"] == "Not Found"
    assert requests.get(f"{served}/anything-else", timeout=10).text == "the page"


@sqlite_only
@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/api/scheduler-runs", "GET, POST"),
        ("POST", "/api/vessels/aurora", "GET"),
        ("TRACE", "/api/health", "GET"),
    ],
)
def test_another_method_is_a_405_that_names_the_right_ones(served: str, method: str, path: str, allowed: str) -> None:
    refused = requests.request(method, served + path, timeout=10)
    assert (refused.status_code, refused.headers["Allow"]) == (405, allowed)
    assert refused.headers["Content-Type"] == PROBLEM


@sqlite_only
def test_what_breaks_is_logged_and_not_told(
    served: str, queries: FleetReader, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(include_devices: bool, known: Mapping[str, VesselReport]) -> None:
        raise RuntimeError("swordfish")

    monkeypatch.setattr(queries, "fleet", broken)
    with caplog.at_level(logging.ERROR):
        problem = get(f"{served}/api/fleet-overview", 500)
    assert (problem["status"], "swordfish" in problem["detail"]) == (500, False)
    wait_until(lambda: "swordfish" in caplog.text, "the log")


# --- for machines


@sqlite_only
def test_asking_again_for_the_same_costs_no_body(served: str, recorder: Recorder) -> None:
    a_fleet(recorder)
    url = f"{served}/api/fleet-overview"
    etag = requests.get(url, timeout=10).headers["ETag"]
    again = requests.get(url, headers={"If-None-Match": f'"other", W/{etag}'}, timeout=10)
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", etag)
    a_run(recorder, 15)
    assert requests.get(url, headers={"If-None-Match": etag}, timeout=10).status_code == 200


@sqlite_only
def test_head_answers_as_get_without_the_body(served: str) -> None:
    head = requests.head(f"{served}/api/scheduler-runs", timeout=10)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["ETag"] == requests.get(f"{served}/api/scheduler-runs", timeout=10).headers["ETag"]


@sqlite_only
def test_runs_as_csv_are_the_rows_of_the_json(served: str, recorder: Recorder) -> None:
    for minutes in (0, 15, 30):
        a_run(recorder, minutes)
    told = get(f"{served}/api/scheduler-runs", limit=2)
    found = requests.get(f"{served}/api/scheduler-runs.csv", params={"limit": 2}, timeout=10)
    rows = list(csv.DictReader(io.StringIO(found.content.decode("utf-8-sig"))))
    assert found.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert found.content.startswith(codecs.BOM_UTF8)
    assert [row["run_id"] for row in rows] == [run["run_id"] for run in told["items"]]
    assert (rows[0]["status"], rows[0]["slow"], rows[0]["error_message"]) == (RunStatus.COMPLETED, "false", "")
    following = requests.get(urljoin(found.url, found.links["next"]["url"]), timeout=10)
    assert len(list(csv.DictReader(io.StringIO(following.text)))) == 1


@sqlite_only
def test_vessels_as_csv_are_safe_in_a_spreadsheet(served: str, recorder: Recorder) -> None:
    a_fleet(recorder)
    found = requests.get(f"{served}/api/vessels.csv", timeout=10)
    rows = list(csv.DictReader(io.StringIO(found.content.decode("utf-8-sig"))))
    assert (rows[0]["vessel_id"], rows[0]["name"]) == ("borealis", f"'{FORMULA}")
    assert "devices" not in rows[0]


@sqlite_only
def test_the_document_describes_every_call_and_its_problems(served: str) -> None:
    document = get(f"{served}/openapi.json")
    assert set(document["paths"]) == {
        "/api/health",
        "/api/version",
        "/api/fleet-overview",
        "/api/vessels/{vessel_id}",
        "/api/vessels.csv",
        "/api/scheduler-runs",
        "/api/scheduler-runs.csv",
        "/api/scheduler-runs/{run_id}",
        "/api/scheduler-statistics",
        "/api/report",
        "/api/report/{name}.csv",
        "/metrics",
    }
    used = set(re.findall(r"#/components/schemas/(\w+)", str(document)))
    assert used <= set(document["components"]["schemas"])
    problems = document["paths"]["/api/scheduler-runs"]["post"]["responses"]["409"]["content"]
    assert list(problems) == [PROBLEM]


@sqlite_only
def test_the_docs_load_nothing_from_elsewhere_and_hold_under_a_prefix(served: str) -> None:
    page = requests.get(f"{served}/docs", timeout=10).text
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert loaded
    for address in loaded:
        assert not address.startswith(("/", "http"))
        assert requests.get(f"{served}/{address}", timeout=10).status_code == 200
    assert 'url: "openapi.json"' in requests.get(f"{served}/docs/start.js", timeout=10).text


def test_figures_over_a_period_are_told_worst_vessel_first(served: str, recorder: Recorder, clock: FakeClock) -> None:
    clock.set(NOON + timedelta(days=30, hours=2))
    a_run(recorder, minutes=-24 * 60)
    a_fleet(recorder)
    told = get(f"{served}/api/scheduler-statistics")
    assert (told["first_day"], told["last_day"]) == ("2026-03-01", "2026-03-31")
    assert {name: value for name, value in told.items() if name.endswith("_runs")} == {
        "total_runs": 1, "completed_runs": 0, "partial_runs": 1, "failed_runs": 0, "interrupted_runs": 0,
        "slow_runs": 0,
    }  # fmt: skip
    assert (told["success_rate_percent"], told["vessel_success_rate_percent"]) == (0.0, pytest.approx(200 / 3))
    assert (told["median_duration_seconds"], told["p95_duration_seconds"]) == (61.0, 61.0)
    assert told["average_retry_attempts"] == 1.0
    assert told["vessels"][0] == {
        "vessel_id": "calypso", "runs": 1, "successes": 0, "success_rate_percent": 0.0, "retry_attempts": 1,
    }  # fmt: skip
    longer = get(f"{served}/api/scheduler-statistics", days=31)
    assert (longer["total_runs"], longer["success_rate_percent"]) == (2, 50.0)


def test_a_period_without_runs_has_no_rates(served: str) -> None:
    told = get(f"{served}/api/scheduler-statistics", days=1)
    assert (told["total_runs"], told["vessels"]) == (0, [])
    assert {told[name] for name in ("success_rate_percent", "median_duration_seconds", "average_retry_attempts")} == {
        None
    }


@pytest.mark.parametrize("days", ["0", "-1", "x", "3661"])
def test_a_period_that_makes_no_sense_is_a_422(served: str, days: str) -> None:
    assert "days" in get(f"{served}/api/scheduler-statistics", 422, days=days)["detail"]
