"""The outcome of a run for one vessel, from its attempts."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from fleetdash.domain.runs import Attempt


@dataclass(frozen=True, slots=True)
class VesselOutcome:
    """A vessel's newest attempt in a run, and its retries."""

    last: Attempt
    retries: int

    @property
    def reached(self) -> bool:
        return self.last.success

    @property
    def failed(self) -> bool:
        """Whether the chain failed to its end; a cancelled one did not."""
        return self.last.unreachable


def vessel_outcomes(attempts: Iterable[Attempt]) -> list[VesselOutcome]:
    """Of all vessels in one run. The attempt with the highest number decides."""
    last: dict[str, Attempt] = {}
    retries: Counter[str] = Counter()
    for attempt in attempts:
        known = last.get(attempt.vessel_id)
        if known is None or attempt.attempt_number > known.attempt_number:
            last[attempt.vessel_id] = attempt
        if attempt.attempt_number > 1:
            retries[attempt.vessel_id] += 1
    return [VesselOutcome(attempt, retries.get(vessel_id, 0)) for vessel_id, attempt in last.items()]
