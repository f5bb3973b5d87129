"""How a vessel takes a request: most answer, some only when asked again, some not at all."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random


class Reaction(StrEnum):
    """What happens to one request."""

    ANSWER = "answer"
    UNAVAILABLE = "unavailable"
    """503, as a proxy on board says it while InfluxDB restarts."""
    RATE_LIMIT = "rate_limit"
    """429, to come back after `RETRY_AFTER`."""
    CONGESTION = "congestion"
    """429 of the satellite provider, to come back much later."""
    CLOSE = "close"
    """The connection is closed without a word."""
    HANG = "hang"
    """Never answered."""
    REFUSE = "refuse"
    """Nobody listens at the vessel's address."""
    DENY = "deny"
    """401: the vessel demands another user or password."""
    PORTAL = "portal"
    """The satellite provider's captive portal: HTML, and 200."""
    NO_DATABASE = "no_database"
    """InfluxDB answers that it has no such database."""


RETRY_AFTER = {Reaction.RATE_LIMIT: 2, Reaction.CONGESTION: 30}
"""Seconds."""
SPELL_OF_SQUALLS = timedelta(minutes=15)
FOREVER = timedelta(days=36_500)


@dataclass(frozen=True, slots=True)
class Conduct:
    """In a run the first requests get `first`, all others `then`.

    This began `since` before the demo's start and ended `until` before it; at other times the vessel answers.
    `chance`: in which share of the quarters of an hour it behaves so.
    """

    first: tuple[Reaction, ...] = ()
    then: Reaction = Reaction.ANSWER
    since: timedelta = FOREVER
    until: timedelta = -FOREVER
    chance: float = 1.0

    def reaction(self, seed: str, failures: int, now: datetime, anchor: datetime) -> Reaction:
        """To a request at `now`, after `failures` in the same run; the demo started at `anchor`."""
        if not -self.since <= now - anchor < -self.until or not self._strikes(seed, now):
            return Reaction.ANSWER
        return self.first[failures] if failures < len(self.first) else self.then

    def _strikes(self, seed: str, now: datetime) -> bool:
        if self.chance >= 1:
            return True
        quarter = int(now.timestamp() // SPELL_OF_SQUALLS.total_seconds())
        return Random(f"{seed}/{quarter}").random() < self.chance


STEADY = Conduct()


def flaky(fails: int, *how: Reaction, chance: float = 1.0) -> Conduct:
    """Needs exactly `fails` retries in every run; `how` it fails is gone through in turn."""
    ways = how or (Reaction.UNAVAILABLE,)
    return Conduct(first=tuple(ways[i % len(ways)] for i in range(fails)), chance=chance)


def always(reaction: Reaction, since: timedelta = FOREVER) -> Conduct:
    """Reacts like this to everything, since then."""
    return Conduct(then=reaction, since=since)


def unplugged(since: timedelta = FOREVER) -> Conduct:
    """Closes every connection."""
    return always(Reaction.CLOSE, since)


def hanging(since: timedelta = FOREVER) -> Conduct:
    """Accepts, and never answers."""
    return always(Reaction.HANG, since)
