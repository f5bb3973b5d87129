"""What a vessel sends is bounded when it is read: every device costs rows and a line on the page."""

from dataclasses import replace

from fleetdash.domain.fleet import Vessel
from fleetdash.domain.pings import VesselAnswer

LONGEST_ADDRESS = 255


def bounded(answer: VesselAnswer, vessel: Vessel, most_unlisted: int) -> tuple[VesselAnswer, int]:
    """The answer, and how many addresses were left out: too long, or too many that the fleet file does not name."""
    listed = {device.ip_address for device in vessel.devices}
    short = [ping for ping in answer.pings if len(ping.ip_address) <= LONGEST_ADDRESS or ping.ip_address in listed]
    unlisted = sorted(ping.ip_address for ping in short if ping.ip_address not in listed)
    dropped = set(unlisted[most_unlisted:])
    kept = tuple(ping for ping in short if ping.ip_address not in dropped)
    return replace(answer, pings=kept), len(answer.pings) - len(kept)
