"""`check`: asks each vessel once, and writes nothing."""

import argparse

from fleetdash import logs
from fleetdash.commands import NOT_ALL_REACHED, OK, fleet_file
from fleetdash.commands.signals import stop_on_signal
from fleetdash.config.settings import VesselTarget
from fleetdash.domain.clock import SystemClock
from fleetdash.domain.fleet import Vessel, address_differences
from fleetdash.domain.pings import VesselAnswer
from fleetdash.domain.runs import Attempt, Run, RunStatus, Trigger
from fleetdash.monitoring.fleet_run import FleetRun
from fleetdash.monitoring.monitor import http_query, worker_pool
from fleetdash.monitoring.retry import RetryPolicy


def run(options: argparse.Namespace) -> int:
    clock = SystemClock()
    config = fleet_file.load(options)
    failed: list[str] = []

    def report(_run_id: str, target: VesselTarget, attempt: Attempt, answer: VesselAnswer | None) -> None:
        if answer is None:
            failed.append(target.vessel.id)
        print(_line(target.vessel, attempt, answer), flush=True)

    pool = worker_pool(config, clock, http_query(config, clock))
    started = Run("check", clock.now(), Trigger.MANUAL, RunStatus.RUNNING, len(config.targets))
    once = RetryPolicy(max_retries=0)
    with stop_on_signal() as stop:
        cut_short = FleetRun(
            started, config.targets, {}, pool=pool, policy=once, record=report, clock=clock, stop=stop
        ).execute()
    return NOT_ALL_REACHED if failed or cut_short else OK


def _line(vessel: Vessel, attempt: Attempt, answer: VesselAnswer | None) -> str:
    outcome = f"{attempt.error_kind}: {attempt.error_message}" if answer is None else _addresses(vessel, answer)
    return f"{vessel.id}: {logs.one_line(outcome)} ({attempt.query_duration_seconds:.2f} s)"


def _addresses(vessel: Vessel, answer: VesselAnswer) -> str:
    """Which addresses the vessel reports, compared with those of the fleet file."""
    missing, unlisted = address_differences(vessel, [ping.ip_address for ping in answer.pings])
    parts = [f"answered for {len(vessel.devices) - len(missing)} of {len(vessel.devices)} devices in the fleet file"]
    if missing:
        parts.append(f"no data of {', '.join(missing)}")
    if unlisted:
        parts.append(f"not in the fleet file: {', '.join(unlisted)}")
    return "; ".join(parts)
