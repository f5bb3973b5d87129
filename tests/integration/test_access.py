"""Who is let in where, over real HTTP, on the composed app."""

import json
import re
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import peewee
import pytest
import requests
from fastapi import FastAPI
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from fleetdash.auth import authenticator
from fleetdash.auth.accounts import Account
from fleetdash.auth.sessions import LIFETIME
from tests.support.access import (
    ANNA,
    CHOSEN_KEY,
    OPERATORS_KEY,
    PASSWORDS,
    VERA,
    VIEWERS_KEY,
    SchedulerStub,
    guarded_app,
    hash_password,
)
from tests.support.api import PROBLEM, serving
from tests.support.clock import FakeClock

PUBLIC = {"/login", "/login/style.css", "/api/health"}

sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def scheduler() -> SchedulerStub:
    return SchedulerStub()


@pytest.fixture
def guarded(database: peewee.Database, clock: FakeClock, scheduler: SchedulerStub) -> FastAPI:
    return guarded_app(database, clock, scheduler)


@pytest.fixture
def served(guarded: FastAPI) -> Iterator[str]:
    with serving(guarded) as address:
        yield address


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def log_in(address: str, name: str, password: str | None = None, **more: str) -> tuple[requests.Session, Any]:
    """A browser's session, and the answer to its login."""
    browser = requests.Session()
    form = {"username": name, "password": password or PASSWORDS[name], **more}
    return browser, browser.post(f"{address}/login", data=form, allow_redirects=False, timeout=10)


def logged_in(address: str, name: str) -> requests.Session:
    browser, answer = log_in(address, name)
    assert answer.status_code == 303
    return browser


def addresses(routes: list[BaseRoute], before: str = "") -> Iterator[tuple[str, str]]:
    """A method and an address for each that is registered, also in what is mounted."""
    for route in routes:
        if isinstance(route, Mount):
            yield "GET", f"{before}{route.path}/fleetdash.css"
            yield from addresses(list(route.routes), before + route.path)
        elif isinstance(route, WebSocketRoute):
            yield "WEBSOCKET", before + route.path
        elif isinstance(route, Route):
            path = before + "/" + re.sub(r"{[^}]*}", "x", route.path).removeprefix("/")
            yield from ((method, path) for method in sorted(route.methods or {"GET", "POST", "DELETE"}))
        else:
            # what FastAPI keeps of a router that was included
            yield from addresses(list(route.original_router.routes), before)  # type: ignore[attr-defined]  # not a public class


@sqlite_only
def test_every_address_that_is_registered_asks_who_is_there(guarded: FastAPI, served: str) -> None:
    found = sorted(set(addresses(guarded.routes)))
    paths = {path for _, path in found}
    for part in (
        "/api/scheduler-runs",
        "/_dash-update-component",
        "/_dash-layout",
        "/metrics",
        "/docs",
        "/openapi.json",
    ):
        assert part in paths
    assert ("WEBSOCKET", "/ws/scheduler-runs") in found
    assert "/assets/fleetdash.css" in paths
    for method, path in found:
        if method == "WEBSOCKET":
            with pytest.raises(InvalidStatus, match="401"), connect(served.replace("http", "ws") + path):
                pass
        elif path not in PUBLIC:
            for accept in ("*/*", "text/html"):
                answer = requests.request(
                    method, served + path, headers={"Accept": accept}, allow_redirects=False, timeout=10
                )
                to_login = answer.headers.get("Location", "").startswith("/login?next=")
                assert answer.status_code == 401 or (answer.status_code == 303 and to_login), (method, path)


@sqlite_only
def test_a_stranger_learns_of_health_the_status_only(served: str) -> None:
    assert requests.get(f"{served}/api/health", timeout=10).json() == {"status": "ok"}
    assert "scheduler" in requests.get(f"{served}/api/health", headers=bearer(VIEWERS_KEY), timeout=10).json()


@sqlite_only
def test_a_call_without_a_key_is_told_how(served: str) -> None:
    answer = requests.get(f"{served}/api/fleet-overview", timeout=10)
    assert (answer.status_code, answer.headers["Content-Type"]) == (401, PROBLEM)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.json()["status"] == 401


@sqlite_only
def test_a_person_is_led_to_the_login_page_and_back(served: str) -> None:
    wanted = "/vessels/a%3Fb?q=x&status=down"
    browser = requests.Session()
    page = browser.get(served + wanted, headers={"Accept": "text/html"}, timeout=10)
    assert page.url.startswith(f"{served}/login?next=")
    (next_value,) = re.findall(r'name="next" type="hidden" value="([^"]*)"', page.text)
    form = {"username": "anna", "password": PASSWORDS["anna"], "next": next_value.replace("&amp;", "&")}
    answer = browser.post(f"{served}/login", data=form, allow_redirects=False, timeout=10)
    assert (answer.status_code, answer.headers["Location"]) == (303, wanted)
    assert browser.get(served + wanted, timeout=10).status_code == 200


@sqlite_only
@pytest.mark.parametrize("elsewhere", ["//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil.example"])
def test_logging_in_leads_to_no_other_site(served: str, elsewhere: str) -> None:
    _, answer = log_in(served, "anna", next=elsewhere)
    assert answer.headers["Location"] == "/"


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(served: str) -> None:
    _, answer = log_in(served, "anna")
    cookies = answer.raw.headers.getlist("Set-Cookie")
    assert len(cookies) == 2
    assert all("HttpOnly" in cookie and "SameSite=lax" in cookie for cookie in cookies)


@sqlite_only
def test_behind_https_cookies_never_go_out_in_the_clear(served: str) -> None:
    form = {"username": "anna", "password": PASSWORDS["anna"]}
    headers = {"X-Forwarded-Proto": "https"}
    answer = requests.post(f"{served}/login", data=form, headers=headers, allow_redirects=False, timeout=10)
    assert all("Secure" in cookie for cookie in answer.raw.headers.getlist("Set-Cookie"))


@pytest.mark.parametrize("in_a_file", [True, False])
def test_a_restart_keeps_sessions_and_another_password_ends_them(
    database: peewee.Database, clock: FakeClock, tmp_path: Path, in_a_file: bool
) -> None:
    secret_file = tmp_path / "secret" if in_a_file else None

    def status(*people: Account) -> int:
        with serving(guarded_app(database, clock, SchedulerStub(), people=people, secret_file=secret_file)) as address:
            return browser.get(f"{address}/api/fleet-overview", timeout=10).status_code

    with serving(guarded_app(database, clock, SchedulerStub(), secret_file=secret_file)) as address:
        browser = logged_in(address, "anna")
    assert status(ANNA, VERA) == 200
    assert status(Account("anna", ANNA.role, hash_password("another")), VERA) == 401
    assert status(VERA) == 401
    clock.advance(LIFETIME.total_seconds())
    assert status(ANNA, VERA) == 401
    if secret_file:
        assert stat.S_IMODE(secret_file.stat().st_mode) == 0o600


def test_a_session_that_was_logged_out_of_is_over_also_for_who_copied_its_cookie(
    database: peewee.Database, clock: FakeClock, served: str
) -> None:
    browser = logged_in(served, "anna")
    copied = {cookie.name: cookie.value or "" for cookie in browser.cookies}
    assert browser.post(f"{served}/logout", timeout=10).url.endswith("/login")
    assert requests.get(f"{served}/api/fleet-overview", cookies=copied, timeout=10).status_code == 401
    # another process on the same database
    with serving(guarded_app(database, clock, SchedulerStub())) as other:
        assert requests.get(f"{other}/api/fleet-overview", cookies=copied, timeout=10).status_code == 401


@sqlite_only
def test_a_cookie_that_was_tampered_with_is_none(served: str) -> None:
    value = next(cookie.value or "" for cookie in logged_in(served, "vera").cookies if "session" in cookie.name)
    for forged in (value[:-2] + "xx", value.replace(".", "x."), "x", "", "W10.x"):
        cookies = {"fleetdash_session": forged}
        assert requests.get(f"{served}/api/fleet-overview", cookies=cookies, timeout=10).status_code == 401


@sqlite_only
@pytest.mark.parametrize("key", [VIEWERS_KEY, OPERATORS_KEY, CHOSEN_KEY])
def test_a_program_shows_its_key(served: str, key: str) -> None:
    for _ in range(2):
        assert requests.get(f"{served}/api/fleet-overview", headers=bearer(key), timeout=10).status_code == 200
    with connect(served.replace("http", "ws") + "/ws/scheduler-runs", additional_headers=bearer(key)) as client:
        assert client.ping().wait(10)


@sqlite_only
def test_a_wrong_key_is_refused_also_beside_a_good_session_and_later_throttled(
    served: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(authenticator, "_FREE_KEYS", 10)
    browser = logged_in(served, "anna")
    seen = [
        browser.get(f"{served}/api/fleet-overview", headers=bearer("fd_guess"), timeout=10).status_code
        for _ in range(12)
    ]
    assert (seen[0], seen[-1]) == (401, 429)
    assert browser.get(f"{served}/api/fleet-overview", timeout=10).status_code == 200
    assert requests.get(f"{served}/api/fleet-overview", headers=bearer(VIEWERS_KEY), timeout=10).status_code == 200


@sqlite_only
def test_an_operator_starts_runs_and_a_viewer_does_not(served: str, scheduler: SchedulerStub) -> None:
    url = f"{served}/api/scheduler-runs"
    refused = [
        logged_in(served, "vera").post(url, timeout=10),
        requests.post(url, headers=bearer(VIEWERS_KEY), timeout=10),
    ]
    for answer in refused:
        assert (answer.status_code, answer.headers["Content-Type"]) == (403, PROBLEM)
    assert scheduler.asked == []
    assert logged_in(served, "anna").post(url, timeout=10).status_code == 202
    assert requests.post(url, headers=bearer(OPERATORS_KEY), timeout=10).status_code == 202
    assert scheduler.asked == ["1", "2"]


def press_run_now(browser: requests.Session, served: str) -> requests.Response:
    """The callback behind the button, as the page asks for it."""
    dependencies = browser.get(f"{served}/_dash-dependencies", timeout=10).json()
    (callback,) = [each for each in dependencies if each["inputs"] == [{"id": "run-now", "property": "n_clicks"}]]
    outputs = [
        {"id": part.rpartition(".")[0], "property": part.rpartition(".")[2]}
        for part in callback["output"].strip(".").split("...")
    ]
    body = {
        "output": callback["output"],
        "outputs": outputs,
        "inputs": [{"id": "run-now", "property": "n_clicks", "value": 1}],
        "changedPropIds": ["run-now.n_clicks"],
    }
    return browser.post(f"{served}/_dash-update-component", json=body, timeout=10)


@sqlite_only
def test_the_page_starts_a_run_for_an_operator_only(served: str, scheduler: SchedulerStub) -> None:
    answer = press_run_now(logged_in(served, "vera"), served)
    assert "only an operator may start a run" in json.dumps(answer.json())
    assert scheduler.asked == []
    assert press_run_now(logged_in(served, "anna"), served).status_code == 200
    assert scheduler.asked == ["1"]


def test_operators_see_who_did_what(served: str) -> None:
    log_in(served, "<b>mallory", "guess")
    log_in(served, "vera", "guess")
    requests.post(f"{served}/api/scheduler-runs", headers=bearer(OPERATORS_KEY), timeout=10)
    requests.get(f"{served}/metrics", headers=bearer("wrong"), timeout=10)
    anna = logged_in(served, "anna")
    text = anna.get(f"{served}/audit", timeout=10).text
    rows = [re.findall("<td>(.*?)</td>", row)[1:] for row in re.findall('class="audit-row".*?</tr>', text)]
    assert rows == [
        ["anna", "logged in", "127.0.0.1"],
        ["–", "failed to log in (API key)", "127.0.0.1"],
        ["cron", "started a run (run 1)", "127.0.0.1"],
        ["vera", "failed to log in (password)", "127.0.0.1"],
        ["&lt;b&gt;mallory", "failed to log in (no such account)", "127.0.0.1"],
    ]
    assert logged_in(served, "vera").get(f"{served}/audit", timeout=10).status_code == 403


@sqlite_only
def test_the_audit_is_paged_to_its_first_line(served: str) -> None:
    anna = logged_in(served, "anna")
    for _ in range(60):
        anna.post(f"{served}/api/scheduler-runs", timeout=10)
    first = anna.get(f"{served}/audit", timeout=10).text
    (older,) = re.findall(r'href="/(audit\?before=\d+)"', first)
    second = anna.get(f"{served}/{older}", timeout=10).text
    assert [page.count('class="audit-row"') for page in (first, second)] == [50, 11]
    assert "Older" not in second
    assert "logged in" in second


@sqlite_only
def test_guessing_is_throttled_and_locks_nobody_else_out(served: str) -> None:
    known = logged_in(served, "anna")
    seen = [log_in(served, "anna", "guess")[1] for _ in range(6)]
    assert [answer.status_code for answer in seen] == [401] * 5 + [429]
    assert int(seen[-1].headers["Retry-After"]) >= 1
    assert log_in(served, "anna")[1].status_code == 429
    assert log_in(served, "vera")[1].status_code == 303
    # a browser that was anna's before comes in, whatever others at its address do
    form = {"username": "anna", "password": PASSWORDS["anna"]}
    assert known.post(f"{served}/login", data=form, allow_redirects=False, timeout=10).status_code == 303


@sqlite_only
def test_another_site_can_neither_log_anyone_in_nor_out(served: str) -> None:
    evil = {"Origin": "https://evil.example"}
    anna = logged_in(served, "anna")
    for path in ("/login", "/logout", "/api/scheduler-runs", "/_dash-update-component"):
        assert anna.post(served + path, headers=evil, timeout=10).status_code == 403
    cookies = "; ".join(f"{name}={value}" for name, value in anna.cookies.items())
    headers = evil | {"Cookie": cookies}
    with (
        pytest.raises(InvalidStatus, match="403"),
        connect(served.replace("http", "ws") + "/ws/scheduler-runs", additional_headers=headers),
    ):
        pass


def test_audit_lines_are_bounded(database: peewee.Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    from fleetdash.domain.access import AuditEvent, AuditKind
    from fleetdash.storage.accounts import audit

    monkeypatch.setattr(audit, "KEPT", 5)
    log = audit.AuditLog(database)
    for number in range(9):
        log.record(AuditEvent(clock.now() + timedelta(seconds=number), AuditKind.LOGIN, f"a\x00\n{number}", "::1"))
    assert [event.name[-1] for event in log.page(20)] == ["8", "7", "6", "5", "4"]
    assert "\x00" not in log.page(1)[0].name
