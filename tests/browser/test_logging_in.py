"""Accounts behind a proxy's prefix, as two people find them in a browser that enforces our policy."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from dash.testing.browser import Browser

from fleetdash.storage.database import close_database, migrate, open_database
from fleetdash.storage.recorder import Recorder
from fleetdash.storage.vessel_states import VesselStates
from tests.browser.page import Page
from tests.support.access import PASSWORDS, SchedulerStub, guarded_app
from tests.support.api import a_fleet, serving
from tests.support.clock import FakeClock
from tests.support.nginx import nginx
from tests.support.waiting import wait_until

pytestmark = pytest.mark.browser


@pytest.fixture
def scheduler() -> SchedulerStub:
    return SchedulerStub()


@pytest.fixture
def page(dash_br: Browser, tmp_path: Path, scheduler: SchedulerStub) -> Iterator[Page]:
    database = open_database(f"sqlite:///{tmp_path / 'fleetdash.db'}")
    migrate(database)
    a_fleet(Recorder(database, VesselStates(database)))
    app = guarded_app(database, FakeClock(), scheduler, secret_file=tmp_path / "secret", path_prefix="/fleet/")
    with serving(app, trusted_proxies=("127.0.0.1",)) as upstream, nginx(int(upstream.rpartition(":")[2])) as address:
        yield Page(dash_br, address.rstrip("/"))
    close_database(database)


def log_in(page: Page, name: str, password: str | None = None) -> None:
    page.shown("input[name=username]").clear()
    page.shown("input[name=username]").send_keys(name)
    page.shown("input[name=password]").send_keys(password or PASSWORDS[name])
    page.click("button[type=submit]")


def test_a_viewer_looks_and_an_operator_starts_a_run(page: Page, scheduler: SchedulerStub) -> None:
    page.open("/vessels/aurora", until="input[name=password]")
    log_in(page, "vera", "not her password")
    assert "wrong" in page.shown("[role=alert]").text
    log_in(page, "vera")
    page.shown("#vessel-modal #vessel-devices .sync-status")
    assert page.address() == "/vessels/aurora"
    page.click("#vessel-close")
    page.gone("#vessel-modal")
    page.shown(".vessel-card")
    run_now = page.shown("#run-now")
    wait_until(lambda: not run_now.is_enabled(), "the button to stay disabled")
    assert "operator" in str(run_now.get_attribute("title"))
    assert not page.is_shown("a[href='/fleet/audit']")
    page.click(".top-bar form button")
    page.shown("input[name=password]")
    page.open("/runs", until="input[name=password]")

    log_in(page, "anna")
    page.shown(".run-row")
    wait_until(lambda: page.shown("#run-now").is_enabled(), "the button to be enabled")
    page.click("#run-now")
    wait_until(lambda: scheduler.asked == ["1"], "the run to be asked for")
    page.open("/docs", until=".opblock")
    page.open("/runs", until=".run-row")
    page.click("a[href='/fleet/audit']")
    rows = page.texts(".audit-row td:nth-child(3)")
    told = ["started a run (run 1)", "logged in", "logged out", "logged in", "failed to log in (password)"]
    assert rows == told
    assert [entry for entry in page.browser.get_logs() or [] if "401" not in entry["message"]] == []


def test_a_page_that_stays_open_leads_to_the_login_when_the_session_ends(page: Page) -> None:
    page.open("/", until="input[name=password]")
    log_in(page, "anna")
    page.shown(".vessel-card")
    page.driver.delete_cookie("fleetdash_session")
    page.poll_every(200)
    page.shown("input[name=password]")
    log_in(page, "anna")
    page.shown(".vessel-card")
