"""How a vessel takes requests: most answer, some only on a retry, some not at all."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random


class Reaction(StrEnum):
    """What happens to one request."""

    ANSWER = "answer"
    UNAVAILABLE = "unavailable"
    """503, as a proxy on board sends it while InfluxDB restarts."""
    RATE_LIMIT = "rate_limit"
    """429, with the `Retry-After` of `RETRY_AFTER`."""
    CONGESTION = "congestion"
    """429 from the satellite provider, with a long `Retry-After`."""
    CLOSE = "close"
    """The connection is closed without a response."""
    HANG = "hang"
    """Never answered."""
    REFUSE = "refuse"
    """Nothing listens at the vessel's address."""
    DENY = "deny"
    """401: the vessel demands another user or password."""
    PORTAL = "portal"
    """The satellite provider's captive portal: HTML, and 200."""
    NO_DATABASE = "no_database"
    """InfluxDB answers that it has no such database."""


RETRY_AFTER = {Reaction.RATE_LIMIT: 2, Reaction.CONGESTION: 30}
"""Seconds."""
FLAKY_PERIOD = timedelta(minutes=15)
"""For so long a vessel with a `chance` fails, or does not."""
FOREVER = timedelta(days=36_500)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """In a run the first requests get `first`, all others `then`.

    This began `since` before the demo's start and ended `until` before it; at other times the vessel answers.
    `chance`: the share of periods of `FLAKY_PERIOD` in which it behaves like this.
    """

    first: tuple[Reaction, ...] = ()
    then: Reaction = Reaction.ANSWER
    since: timedelta = FOREVER
    until: timedelta = -FOREVER
    chance: float = 1.0

    def reaction(self, seed: str, failures: int, now: datetime, anchor: datetime) -> Reaction:
        """To a request at `now`, after `failures` in the same run; the demo started at `anchor`."""
        if not -self.since <= now - anchor < -self.until or not self._by_chance(seed, now):
            return Reaction.ANSWER
        return self.first[failures] if failures < len(self.first) else self.then

    def _by_chance(self, seed: str, now: datetime) -> bool:
        if self.chance >= 1:
            return True
        period = int(now.timestamp() // FLAKY_PERIOD.total_seconds())
        return Random(f"{seed}/{period}").random() < self.chance


STEADY = Behaviour()


def flaky(fails: int, *reactions: Reaction, chance: float = 1.0) -> Behaviour:
    """Needs exactly `fails` retries in every run; its failures go through `reactions` in order, again and again."""
    failures = reactions or (Reaction.UNAVAILABLE,)
    return Behaviour(first=tuple(failures[i % len(failures)] for i in range(fails)), chance=chance)


def always(reaction: Reaction, since: timedelta = FOREVER) -> Behaviour:
    """Reacts like this to everything, since then."""
    return Behaviour(then=reaction, since=since)


def unplugged(since: timedelta = FOREVER) -> Behaviour:
    """Closes every connection."""
    return always(Reaction.CLOSE, since)


def hanging(since: timedelta = FOREVER) -> Behaviour:
    """Accepts connections, and never answers."""
    return always(Reaction.HANG, since)
