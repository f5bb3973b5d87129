"""`check`: asks each vessel once, and writes nothing."""

import argparse

from fleetdash.commands import NOT_ALL_REACHED, OK, fleet_file, survey
from fleetdash.commands.signals import stop_on_signal
from fleetdash.domain.clock import SystemClock


def run(options: argparse.Namespace) -> int:
    config = fleet_file.load(options)
    with stop_on_signal() as stop:
        reached_all = survey.check(config, SystemClock(), stop)
    return OK if reached_all else NOT_ALL_REACHED
