"""What happened to the whole fleet on the day before the demo, by run."""

from dataclasses import dataclass
from random import Random

from fleetdash.demo.behaviour import Reaction


@dataclass(frozen=True, slots=True)
class Scenario:
    """One run's circumstances: that `share` of the vessels has `reaction` in its first `attempts`.

    `stopped_after`: seconds until the process that makes the run is stopped.
    """

    share: float = 0.0
    reaction: Reaction = Reaction.HANG
    attempts: int = 100
    stopped_after: float | None = None

    def affects(self, vessel_id: str, attempt: int) -> bool:
        """The same vessels in every run, so that an outage over several runs affects the same ones."""
        return attempt <= self.attempts and Random(f"scenario {vessel_id}").random() < self.share


ORDINARY = Scenario()
SATELLITE_OUTAGE = Scenario(share=0.4)
SHORE_OFFLINE = Scenario(share=1.0)
CONGESTED = Scenario(share=0.08, reaction=Reaction.CONGESTION, attempts=1)
STOPPED = Scenario(stopped_after=1.2)

SCENARIOS = {70: SATELLITE_OUTAGE, 69: SATELLITE_OUTAGE, 68: SATELLITE_OUTAGE, 67: SATELLITE_OUTAGE}
SCENARIOS |= {52: SHORE_OFFLINE, 40: CONGESTED, 26: STOPPED}
"""By how many slots ago it was."""

STARTUP_AFTER = 26
"""The start-up run that follows the one that was stopped."""
MANUAL_AFTER = 12
"""A person started a run between this slot and the next."""
