"""Which runs the page's address asks for."""

from datetime import UTC, datetime

import pytest

from fleetdash.domain.run_filter import RunFilter
from fleetdash.domain.runs import RunStatus, Trigger
from fleetdash.web import run_query

NAMES = {"vessel001": "Aurora", "vessel002": "Borealis"}


def test_an_address_is_read_into_the_filter_of_the_log() -> None:
    wanted = run_query.read("?status=partial&trigger=manual&vessel_id=vessel001&since=2026-11-23&until=2026-11-24T10Z")
    assert wanted.resolved(NAMES) == RunFilter(
        RunStatus.PARTIAL,
        Trigger.MANUAL,
        "vessel001",
        datetime(2026, 11, 23, tzinfo=UTC),
        datetime(2026, 11, 24, 10, tzinfo=UTC),
    )
    assert wanted.query["since"] == "2026-11-23T00:00Z"


@pytest.mark.parametrize("typed", ["vessel002", "Borealis", "borealis"])
def test_a_vessel_is_meant_by_its_id_or_its_name(typed: str) -> None:
    assert run_query.read(f"?vessel_id={typed}").resolved(NAMES) == RunFilter(vessel_id="vessel002")


def test_a_vessel_that_nobody_knows_has_no_runs() -> None:
    assert run_query.read("?vessel_id=cassiopeia").resolved(NAMES) is None


@pytest.mark.parametrize("search", ["", "?status=great&since=yesterday", "?vessel_id=&until=9999-12-31T23:59-23:00"])
def test_what_cannot_be_read_is_ignored(search: str) -> None:
    assert run_query.read(search).resolved(NAMES) == RunFilter()
