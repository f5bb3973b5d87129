"""A stranger's tool reads the OpenAPI document and tries whatever it promises, and what it does not."""

import subprocess
import sys
from pathlib import Path

import peewee
import pytest

from fleetdash.storage.recorder import Recorder
from fleetdash.storage.vessel_states import VesselStates
from tests.support.access import OPERATORS_KEY, SchedulerStub, guarded_app
from tests.support.api import a_fleet, serving
from tests.support.clock import FakeClock

EXAMPLES_A_CALL = 8


@pytest.mark.integration
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_schemathesis_finds_nothing_in_all_its_checks(
    database: peewee.Database, clock: FakeClock, tmp_path: Path
) -> None:
    a_fleet(Recorder(database, VesselStates(database)))
    with serving(guarded_app(database, clock, SchedulerStub())) as address:
        done = subprocess.run(
            [
                Path(sys.executable).with_name("schemathesis"), "run", f"{address}/openapi.json",
                "--header", f"Authorization: Bearer {OPERATORS_KEY}",
                "--checks", "all",
                "--max-examples", str(EXAMPLES_A_CALL), "--max-time", "12",
                "--generation-deterministic",
                "--no-color",
            ],
            cwd=tmp_path, capture_output=True, text=True, timeout=100, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No issues found" in done.stdout, done.stdout
