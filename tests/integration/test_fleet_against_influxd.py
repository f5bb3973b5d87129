"""The main job on real input: 66 real databases, three vessels unplugged, every figure held against the raw points."""

import random
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from fleetdash.config import settings
from fleetdash.domain.clock import SystemClock
from fleetdash.domain.read_models import DeviceReport
from fleetdash.domain.runs import Run, RunStatus, Trigger
from fleetdash.domain.status import SyncStatus
from fleetdash.monitoring.monitor import FleetMonitor, http_query, retry_policy, worker_pool
from fleetdash.queries import FleetReader
from fleetdash.storage.database import migrate, open_database
from fleetdash.storage.recorder import Recorder
from fleetdash.storage.vessel_states import VesselStates
from tests.support.influxd import Influxd
from tests.support.pings import Figures, Point, a_day, figures

VESSELS = 66
UNPLUGGED = ("vessel011", "vessel033", "vessel066")
DEVICES = {"Access Point": ["192.168.1.1", "192.168.1.2"], "Dashboard": ["192.168.1.43"], "Server": ["192.168.1.60"]}


@dataclass(frozen=True, slots=True)
class Observed:
    """A run over the fleet, what it left behind, and the points that the vessels hold."""

    queries: FleetReader
    run: Run
    points: dict[str, list[Point]]


def vessel_id(number: int) -> str:
    return f"vessel{number:03d}"


def raw_points(vessel: str, end: int) -> list[Point]:
    chance = random.Random(vessel)
    addresses = [address for addresses in DEVICES.values() for address in addresses]
    return [
        point
        for address in [*addresses, "10.9.9.9"]  # the last is known to the vessel only
        for point in a_day(
            address,
            end,
            chance,
            share_up=chance.choice([0.0, 0.5, 0.97, 1.0]),
            share_recorded=chance.choice([0.4, 1.0]),
        )
    ]


def fleet_file(url: str, refused: str) -> str:
    components = "\n".join(f'"{name}" = {addresses}' for name, addresses in DEVICES.items())
    vessels = "\n".join(
        f'[[vessels]]\nid = "{vessel}"' + (f'\nurl = "{refused}"' if vessel in UNPLUGGED else "")
        for vessel in map(vessel_id, range(1, VESSELS + 1))
    )
    return f'[influxdb]\nurl = "{url}"\n[components]\n{components}\n{vessels}'


@pytest.fixture(scope="module")
def observed(influxd: Influxd, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Observed]:
    clock = SystemClock()
    end = int(time.time()) // 60 * 60
    points = {vessel: raw_points(vessel, end) for vessel in map(vessel_id, range(1, VESSELS + 1))}
    for vessel, known in points.items():
        influxd.create_database(vessel)
        influxd.write(vessel, [point.line for point in known])
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        config = settings.parse(fleet_file(influxd.url, f"http://127.0.0.1:{nobody.getsockname()[1]}"), {})
        database = open_database(f"sqlite:///{tmp_path_factory.mktemp('fleet')}/fleetdash.db")
        migrate(database)
        ask = http_query(config, clock)
        monitor = FleetMonitor(
            config.targets,
            Recorder(database, VesselStates(database)),
            new_pool=lambda: worker_pool(config, clock, ask),
            policy=retry_policy(config),
            clock=clock,
        )
        monitor.recover()
        run = monitor.execute_run(monitor.open_run(Trigger.MANUAL), threading.Event())
    yield Observed(FleetReader(database), run, points)
    for vessel in points:
        influxd.drop_database(vessel)


def test_three_unplugged_vessels_make_the_run_partial(observed: Observed) -> None:
    run = observed.run
    assert run.status is RunStatus.PARTIAL
    assert (run.total_vessels, run.successful_vessels, run.failed_vessels) == (66, 63, 3)
    details = observed.queries.run(run.run_id)
    assert details.unreachable_vessels == UNPLUGGED
    assert details.retry_summary == dict.fromkeys(UNPLUGGED, 3)


def test_unplugged_vessels_are_asked_four_times_1_2_and_4_seconds_apart(observed: Observed) -> None:
    attempts = observed.queries.run(observed.run.run_id).attempts
    for vessel in UNPLUGGED:
        waits = [attempt.backoff_seconds for attempt in attempts if attempt.vessel_id == vessel]
        assert waits == pytest.approx([0, 1, 2, 4], abs=0.3)
    assert observed.run.duration_seconds == pytest.approx(7, abs=1.5)


def test_nobody_else_is_asked_twice_or_waits_for_them(observed: Observed) -> None:
    attempts = [a for a in observed.queries.run(observed.run.run_id).attempts if a.vessel_id not in UNPLUGGED]
    assert len(attempts) == 63
    assert all(attempt.success and attempt.attempt_number == 1 for attempt in attempts)
    last = max(attempt.timestamp for attempt in attempts)
    # all are done while the unplugged ones still wait for their last retry
    assert (last - observed.run.start_time).total_seconds() < 5


def test_every_figure_of_every_device_equals_the_raw_points(observed: Observed) -> None:
    compared = 0
    for vessel, points in observed.points.items():
        if vessel in UNPLUGGED:
            continue
        report = observed.queries.vessel(vessel)
        assert report.observed_at is not None
        assert report.devices is not None
        end = int(report.observed_at.timestamp())
        assert len(report.devices) == 5
        for device in report.devices:
            own = [point for point in points if point.device == device.ip_address]
            assert_equal(device, figures(own, end - 86_400, end))
            compared += 1
    assert compared == 63 * 5


def assert_equal(device: DeviceReport, expected: Figures) -> None:
    assert (device.ping_count, device.successful_pings) == (expected.ping_count, expected.successful_pings)
    assert {c.start: (c.recorded, c.answered) for c in device.hours if c.recorded} == expected.by_hour
    assert device.average_response_ms == (
        None if expected.average_response_ms is None else pytest.approx(expected.average_response_ms, rel=1e-12)
    )
    assert (device.last_ping_at, device.last_success_at) == (expected.last_ping_at, expected.last_success_at)
    if device.sync_status is SyncStatus.DOWN:
        assert device.down_since == expected.down_since
        assert device.down_since_is_bound == (expected.last_success_at is None)
    assert (device.sync_status is SyncStatus.DOWN) == (expected.down_since is not None)


def test_an_address_that_only_the_vessel_knows_is_unassigned_and_comes_last(observed: Observed) -> None:
    devices = observed.queries.vessel("vessel001").devices
    assert devices is not None
    assert (devices[-1].ip_address, devices[-1].component) == ("10.9.9.9", "Unassigned")
    assert observed.queries.vessel("vessel001").devices_total == 4


def test_an_unplugged_vessel_is_neither_up_nor_down(observed: Observed) -> None:
    vessel = observed.queries.vessel(UNPLUGGED[0])
    assert (vessel.sync_status, vessel.status) == ("sync_failed", "unknown")
    assert (vessel.devices_up, vessel.devices_down, vessel.devices_silent) == (0, 0, 4)
    assert vessel.devices is not None
    assert {device.current_status for device in vessel.devices} == {"unknown"}
    assert "refused" in vessel.sync_reason
