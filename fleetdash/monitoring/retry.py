"""How often and when a vessel that failed is queried again (R3)."""

from dataclasses import dataclass

from fleetdash.errors import RateLimited, VesselQueryError


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """At most `max_retries` after the initial attempt; `waits` in seconds, the last one repeating."""

    max_retries: int = 3
    waits: tuple[float, ...] = (1.0, 2.0, 4.0)

    def wait_before(self, attempt: int) -> float:
        """Seconds before attempt number `attempt`; none before the first."""
        return 0.0 if attempt <= 1 else self.waits[min(attempt - 2, len(self.waits) - 1)]

    def wait_after(self, error: VesselQueryError, attempt: int) -> float | None:
        """Seconds to wait after attempt number `attempt` failed; `None` ends the chain."""
        if not error.retryable or attempt > self.max_retries:
            return None
        asked_for = error.retry_after or 0.0
        if asked_for > RateLimited.LONGEST_RETRY_AFTER:
            return None
        return max(asked_for, self.wait_before(attempt + 1))
