"""The run log, and a run that was opened."""

from datetime import timedelta

import pytest
from dash.testing.browser import Browser

from fleetdash.domain.runs import RunStatus, Trigger
from fleetdash.storage.run_logger import SchedulerRunLogger
from tests.browser.casts import FLAKY, FLEET, UNPLUGGED, WELL
from tests.browser.conftest import Serve, asked_twice
from tests.browser.page import Page
from tests.browser.served import Served
from tests.support import present
from tests.support.waiting import wait_until

pytestmark = pytest.mark.browser


@pytest.fixture
def served(serve: Serve) -> Served:
    """With 41 runs before the two real ones: every fourth was interrupted."""
    served = serve(*FLEET)
    # before anything is served: a scheduler takes a run that is just opened for one that was requested
    log, before = SchedulerRunLogger(served.database), present.now() - timedelta(days=1)
    for number in range(41):
        start = before + timedelta(minutes=15 * number)
        run = log.log_run_start(Trigger.SCHEDULE, 0, start)
        cut_short = RunStatus.INTERRUPTED if number % 4 == 0 else None
        log.log_run_completion(run.run_id, start + timedelta(seconds=3), status=cut_short)
    return asked_twice(served).start()


def run_ids(page: Page) -> list[str]:
    return [row["runId"] for row in page.data(".run-row")]


def test_pages_of_the_log_and_its_filter(page: Page, served: Served) -> None:
    everything = [run.run_id for run in served.queries.runs(limit=100).runs]
    page.open("/runs", until=".run-row")
    first = page.data(".run-row")
    assert [row["runId"] for row in first] == everything[:20]
    assert {row["status"] for row in first} == {"completed", "interrupted", "partial"}
    assert {row["slow"] for row in first} <= {"true", "false"}

    for shown in (everything[20:40], everything[40:]):
        page.click("#run-log-next")
        wait_until(lambda shown=shown: run_ids(page) == shown, "the next page")  # type: ignore[misc]
    assert page.shown("#run-log-next").get_attribute("aria-disabled") == "true"
    for shown in (everything[20:40], everything[:20]):
        page.click("#run-log-previous")
        wait_until(lambda shown=shown: run_ids(page) == shown, "the page before")  # type: ignore[misc]
    assert page.shown("#run-log-previous").get_attribute("aria-disabled") == "true"

    page.choose("#run-filter-status", "interrupted")
    wait_until(lambda: {row["status"] for row in page.data(".run-row")} == {"interrupted"}, "the filter")
    assert len(run_ids(page)) == 11
    page.driver.refresh()
    wait_until(lambda: len(run_ids(page)) == 11, "the filter to survive a reload")
    page.choose("#run-filter-status", "running")
    page.shown("#run-log .empty-state")
    page.no_complaints()


def test_the_log_is_filtered_by_trigger_vessel_and_time_in_the_address(page: Page, served: Served) -> None:
    runs = served.queries.runs(limit=100).runs
    page.open("/runs?status=completed&cursor=nonsense", until=".run-row")
    page.choose("#run-filter-status", "all")
    page.choose("#run-filter-trigger", "schedule")
    wait_until(lambda: run_ids(page) == [run.run_id for run in runs[2:22]], "the runs of the schedule")
    page.click("#run-log-next")
    wait_until(lambda: run_ids(page) == [run.run_id for run in runs[22:42]], "their next page")
    assert page.address().startswith("/runs?trigger=schedule&cursor=")
    page.choose("#run-filter-trigger", "all")
    page.shown("#run-filter-vessel").send_keys(WELL.name.lower())
    wait_until(lambda: run_ids(page) == [run.run_id for run in runs[:2]], "the runs that asked the vessel")
    page.shown("#run-filter-vessel").send_keys("x")
    page.shown("#run-log .empty-state")
    page.click("#run-log .empty-state a")
    wait_until(lambda: len(run_ids(page)) == 20, "all runs")
    assert page.shown("#run-filter-vessel").get_attribute("value") == ""
    bounds = f"since={runs[30].start_time:%Y-%m-%dT%H:%M}Z&until={runs[28].start_time:%Y-%m-%dT%H:%M}Z"
    page.open(f"/runs?{bounds}", until=".run-row")
    assert len(run_ids(page)) in (1, 2)
    assert run_ids(page)[-1] in (runs[29].run_id, runs[30].run_id)
    assert f"{runs[-1].start_time.day} {runs[-1].start_time:%b %Y}" in page.text("#other-page .hint")
    page.no_complaints()


def test_an_opened_run_shows_every_attempt(page: Page, served: Served) -> None:
    newest = served.queries.runs(limit=1).runs[0]
    page.open("/runs", until=".run-row").click(".run-row a")
    page.shown("#run-details .attempt-row")
    assert page.address() == f"/runs/{newest.run_id}"
    chains: dict[str, list[tuple[str, str]]] = {}
    for attempt in page.data(".attempt-row"):
        chains.setdefault(attempt["vesselId"], []).append((attempt["attempt"], attempt["success"]))
    assert chains.keys() == {vessel.id for vessel in FLEET}
    assert chains[WELL.id] == [("1", "true")]
    assert chains[FLAKY.id] == [("1", "false"), ("2", "false"), ("3", "true")]
    assert chains[UNPLUGGED.id] == [(str(number), "false") for number in (1, 2, 3, 4)]
    page.click(f'#run-details a[href$="/vessels/{UNPLUGGED.id}"]')
    page.shown("#vessel-modal #vessel-devices .ip-address")
    page.driver.back()
    page.shown("#run-details .attempt-row")
    page.no_complaints()


def test_addresses_that_lead_nowhere(dash_br: Browser, serve: Serve) -> None:
    page = Page(dash_br, serve(WELL, scheduling=False).start().url)
    page.open("/runs/999", until="#other-page .empty-state")
    page.click("#other-page .empty-state a")
    page.shown("#run-log .empty-state")
    page.no_complaints()
    # answered with 404, of which the browser complains
    page.open("/nowhere", until="#other-page .empty-state")
    page.click("#other-page .empty-state a")
    page.shown("#fleet-grid .empty-state")
    (complaint,) = page.browser.get_logs()
    assert "404" in complaint["message"]
