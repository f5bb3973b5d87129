"""`discover`: asks each vessel which addresses it pings, and prints those that the fleet file lacks."""

import argparse

from fleetdash.commands import NOT_ALL_REACHED, OK, fleet_file, survey
from fleetdash.commands.signals import stop_on_signal
from fleetdash.config import paste, settings
from fleetdash.domain.clock import SystemClock
from fleetdash.errors import ConfigurationError


def run(options: argparse.Namespace) -> int:
    """New vessels are checked as if the file had them already."""
    new = [_new_vessel(text) for text in options.new]
    path = fleet_file.path_of(options, required=not new)
    file = settings.read(path) if path.exists() or not new else ""
    entries = "".join(paste.vessel_entry(vessel_id, url) for vessel_id, url in new)
    config = settings.parse(f"{file}\n{entries}", source=str(path))
    with stop_on_signal() as stop:
        reached_all = survey.discover(config, file, [vessel_id for vessel_id, _ in new], SystemClock(), stop)
    return OK if reached_all else NOT_ALL_REACHED


def _new_vessel(text: str) -> tuple[str, str]:
    vessel_id, separator, url = text.partition("=")
    if not separator:
        raise ConfigurationError(f"--new {text}: write it as ID=URL, such as vessel001=http://10.1.0.1:8086")
    return vessel_id, url
