"""What axe-core finds on every page and in every state, and whether statuses can be told apart, in both themes."""

from itertools import combinations

import pytest
from coloraide import Color
from dash.testing.browser import Browser

from fleetdash.domain.status import SyncStatus
from tests.browser.casts import ODD, OFFLINE, UNPLUGGED, WELL
from tests.browser.conftest import Serve
from tests.browser.page import Page
from tests.browser.served import Served
from tests.browser.test_trouble import rename_table
from tests.support import axe

pytestmark = pytest.mark.browser

TOLD_APART = 10
"""In ΔE2000."""


def faults(page: Page, path: str, until: str) -> dict[str, list[str]]:
    """Of one state, by theme."""
    page.open(path, until=until)
    found: dict[str, list[str]] = {}
    for theme in ("light", "dark"):
        page.script("document.documentElement.dataset.bsTheme = arguments[0]", theme)
        # what is still fading in has not its own colours yet
        page.script_until(
            "return document.getAnimations().every(each => each.effect.getComputedTiming().endTime === Infinity)",
            "what moves to come to rest",
        )
        if violations := axe.violations(page.driver):
            found[f"{path} {theme}"] = violations
    return found


def test_axe_finds_no_fault_in_any_state(page: Page, served: Served) -> None:
    newest = served.queries.runs(limit=1).runs[0].run_id
    found: dict[str, list[str]] = {}
    for path, until in (
        ("/", ".vessel-card"),
        ("/?view=wall", ".vessel-card"),
        ("/?q=nothing+like+it", "#fleet-grid .empty-state"),
        (f"/vessels/{UNPLUGGED.id}", "#vessel-devices .ip-address"),
        (f"/vessels/{OFFLINE.id}?tab=timeline", "#vessel-timeline [role=img]"),
        (f"/vessels/{ODD.id}?tab=runs", "#vessel-run-log tbody tr"),
        (f"/vessels/{WELL.id}?device=down", "#vessel-devices .empty-state"),
        ("/vessels/titanic", "#vessel-modal .empty-state"),
        ("/runs", ".run-row"),
        ("/runs?vessel_id=titanic", "#run-log .empty-state"),
        (f"/runs/{newest}", ".attempt-row"),
        ("/analytics?period=7d", "#analytics-tables table"),
        ("/nowhere", "#other-page .empty-state"),
    ):
        found |= faults(page, path, until)
    rename_table(served.database_file, "vessels", "vessels_away")
    found |= faults(page, "/", "#fleet-grid .load-error")
    assert found == {}


def test_axe_finds_no_fault_before_the_first_run(dash_br: Browser, serve: Serve) -> None:
    page = Page(dash_br, serve(WELL).start().url)
    assert faults(page, "/", ".vessel-card") | faults(page, "/runs", "#run-log .empty-state") == {}


def test_sync_statuses_are_told_apart_by_their_colours(page: Page) -> None:
    page.open("/")
    for theme in ("light", "dark"):
        page.script("document.documentElement.dataset.bsTheme = arguments[0]", theme)
        colours = {
            status: Color(
                page.script(
                    "return getComputedStyle(document.querySelector(arguments[0])).backgroundColor",
                    f"#status-legend .tone-{status.replace('_', '-')}",
                )
            )
            for status in SyncStatus
        }
        for one, other in combinations(SyncStatus, 2):
            seen = colours[one], colours[other]
            weaker = [colour.filter("deutan", method="machado") for colour in seen]
            assert seen[0].delta_e(seen[1], method="2000") >= TOLD_APART, (theme, one, other)
            assert weaker[0].delta_e(weaker[1], method="2000") >= TOLD_APART, (theme, one, other)
