"""`demo-fleet`: only the simulated vessels, until a signal ends them."""

import argparse

from fleetdash.commands import OK
from fleetdash.commands.signals import stop_on_signal
from fleetdash.demo import DemoFleet
from fleetdash.domain.clock import SystemClock


def run(options: argparse.Namespace) -> int:
    simulated = DemoFleet(vessels=options.vessels, seed=options.seed, port=options.port, clock=SystemClock())
    with simulated as fleet, stop_on_signal() as stop:
        print(fleet.fleet_file(), flush=True)
        stop.wait()
    return OK
