"""What happened to the whole fleet in the day before the demo, by the run in which it did."""

from dataclasses import dataclass
from random import Random

from fleetdash.demo.behaviour import Reaction


@dataclass(frozen=True, slots=True)
class Scenario:
    """One run's circumstances: `reaction` befalls that `share` of the vessels, in their first `attempts`.

    `cut_short_after`: seconds until the process that makes the run is stopped.
    """

    share: float = 0.0
    reaction: Reaction = Reaction.HANG
    attempts: int = 100
    cut_short_after: float | None = None

    def affects(self, vessel_id: str, attempt: int) -> bool:
        """Always the same vessels, so that an outage over several runs keeps its victims."""
        return attempt <= self.attempts and Random(f"occasion {vessel_id}").random() < self.share


ORDINARY = Scenario()
SATELLITE_OUTAGE = Scenario(share=0.4)
SHORE_OFFLINE = Scenario(share=1.0)
CONGESTED = Scenario(share=0.08, reaction=Reaction.CONGESTION, attempts=1)
STOPPED = Scenario(cut_short_after=1.2)

SCENARIOS = {70: SATELLITE_OUTAGE, 69: SATELLITE_OUTAGE, 68: SATELLITE_OUTAGE, 67: SATELLITE_OUTAGE}
SCENARIOS |= {52: SHORE_OFFLINE, 40: CONGESTED, 26: STOPPED}
"""By how many slots ago it was."""

RESTARTED_AFTER = 26
"""The start-up run that follows the one that was cut short."""
ASKED_BY_HAND_AFTER = 12
"""A person started a run between this slot and the next."""
