"""The server gone and back, and parts of the page that cannot be loaded."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.browser.page import Page
from tests.browser.served import Served

pytestmark = pytest.mark.browser

INTERVAL_SECONDS = 5


def test_the_server_goes_away_and_comes_back(page: Page, served: Served) -> None:
    page.open("/")
    before = page.cards()
    served.stop()
    page.shown("#connection-lost", seconds=2 * INTERVAL_SECONDS)
    assert page.cards() == before
    served.start()
    page.gone("#connection-lost", seconds=2 * INTERVAL_SECONDS + 1)
    assert page.cards() == before
    page.click(".vessel-card")
    page.shown("#vessel-devices .ip-address")


def rename_table(database: Path, old: str, new: str) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute(f"ALTER TABLE {old} RENAME TO {new}")


def test_a_part_that_cannot_be_loaded_leaves_the_rest(page: Page, served: Served) -> None:
    rename_table(served.database_file, "vessels", "vessels_away")
    page.open("/", until="#fleet-grid .load-error")
    assert page.is_shown("#scheduler-line")
    assert page.is_shown("#fleet-search")
    page.click("#navigation a[href='/runs']")
    page.shown(".run-row")
    # opened again: on a way back the fleet is asked for once more, which could find the table there again
    page.open("/", until="#fleet-grid .load-error")
    rename_table(served.database_file, "vessels_away", "vessels")
    page.click("#fleet-grid .load-error .retry")
    page.shown(".vessel-card")
    page.gone(".load-error")
    page.no_complaints()


def test_devices_that_cannot_be_loaded_leave_the_fleet(page: Page, served: Served) -> None:
    page.open("/")
    rename_table(served.database_file, "devices", "devices_away")
    page.click('.vessel-card[data-vessel-id="aurora"]')
    page.shown("#vessel-devices .load-error")
    page.shown("#vessel-run-log tbody tr")
    assert page.is_shown(".vessel-card")
    rename_table(served.database_file, "devices_away", "devices")
    page.click("#vessel-devices .load-error .retry")
    page.shown("#vessel-devices .ip-address")
    page.no_complaints()
