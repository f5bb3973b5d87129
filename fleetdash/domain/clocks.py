"""Whose clock stamps the pings, and how far it is ahead of shore's: R4, "Whose clock" and "Times that cannot be".

HTTP's `Date` may be a gateway's, and one newest ping says little: a writer that is 2 h ahead and died 90 minutes ago
looks like one that is 30 minutes ahead and alive. So a clock is believed when its pings are as new as those of a
living writer, or when they went on between two looks; otherwise the candidate that makes pings look older is taken.
All times are seconds since 1970.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

from fleetdash.domain.recording import SeriesClock
from fleetdash.domain.status import CLOCK_TOLERANCE

TOLERANCE = int(CLOCK_TOLERANCE.total_seconds())
"""A clock that is further off is named, and corrected."""

Key = tuple[str, str]
"""A device's address and the writer of its pings."""


@dataclass(frozen=True, slots=True)
class Look:
    """The newest ping of each series, by its writer's clock, at one moment of shore's. `date_skew`: of `Date`."""

    now: int
    date_skew: int
    newest: Mapping[Key, int]
    interval: int

    @property
    def slack(self) -> int:
        """How much older than its writer's clock the newest ping of a living one can be."""
        return 2 * self.interval + TOLERANCE

    def living(self, newest: int, offset: int) -> bool:
        """Whether a ping is as new as that of a living writer whose clock is ahead by `offset`."""
        return -TOLERANCE <= self.now + offset - newest <= self.slack

    def future(self, newest: int, offset: int) -> bool:
        return newest > self.now + offset + TOLERANCE


@dataclass(frozen=True, slots=True)
class Clocks:
    """`offset`: of the vessel's pings in general. `proven`: of series that went on between two looks."""

    offset: int
    proven: Mapping[Key, int] = field(default_factory=dict)

    def offset_of(self, key: Key) -> int:
        return self.proven.get(key, self.offset)

    def future(self, look: Look) -> set[Key]:
        """The series whose newest ping these clocks cannot explain."""
        return {key for key, newest in look.newest.items() if look.future(newest, self.offset_of(key))}


def judge(look: Look, offset: int, remembered: Iterable[SeriesClock], remembered_skew: int) -> Clocks:
    """The clocks behind a look. `offset`, `remembered`, `remembered_skew`: as of the look before."""
    before = {(clock.address, clock.writer): clock for clock in remembered}
    same_date = look.date_skew == remembered_skew
    proven = {
        key: found
        for key, newest in look.newest.items()
        if key in before and (found := _proven(look, newest, before[key], same_date)) is not None
    }
    return Clocks(_common(look, offset, proven, same_date), proven)


def remember(
    look: Look, clocks: Clocks, remembered: Iterable[SeriesClock], doubtful: AbstractSet[Key]
) -> tuple[SeriesClock, ...]:
    """What the next look is to be compared with: nothing where every clock agrees with shore's."""
    before = {(clock.address, clock.writer): clock for clock in remembered}
    odd = look.date_skew or clocks.offset or any(clocks.proven.values()) or clocks.future(look) or doubtful
    if not odd:
        return ()
    return tuple(
        replace(_compared(look, key, before.get(key)), offset=clocks.proven.get(key), doubtful=key in doubtful)
        for key in sorted(look.newest)
    )


def _compared(look: Look, key: Key, before: SeriesClock | None) -> SeriesClock:
    # two looks in quick succession prove nothing: the older one is kept to compare with
    if before is not None and 0 <= look.now - before.seen_at < look.slack:
        return before
    return SeriesClock(*key, look.newest[key], look.now)


def _proven(look: Look, newest: int, before: SeriesClock, same_date: bool) -> int | None:
    passed, advanced = look.now - before.seen_at, newest - before.newest
    if passed >= look.slack and abs(advanced - passed) <= look.interval + TOLERANCE:
        for offset in (before.offset, look.date_skew, 0):
            if offset is not None and look.living(newest, offset):
                return offset
        ahead = newest - look.now
        # one that lags behind may be slow instead: only `Date` can show that it is not
        return ahead if ahead > 0 else None
    if before.offset is not None and same_date and not look.future(newest, before.offset):
        return before.offset
    return None


def _common(look: Look, offset: int, proven: Mapping[Key, int], same_date: bool) -> int:
    if proven:
        votes = Counter(proven.values())
        return max(votes, key=lambda candidate: (votes[candidate], -abs(candidate)))
    if not look.newest:
        return look.date_skew
    candidates = (0, look.date_skew)
    # `Date` has whole seconds, and jitters with the link
    explained = any(abs(offset - candidate) <= TOLERANCE for candidate in candidates)
    if explained and same_date and not any(look.future(newest, offset) for newest in look.newest.values()):
        return offset

    def plausible(candidate: int) -> tuple[int, int]:
        return sum(look.living(newest, candidate) for newest in look.newest.values()), candidate

    return max(candidates, key=plausible)
