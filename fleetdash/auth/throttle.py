"""Failed logins are slowed, by where they come from and whom they are for; nobody can lock somebody else out.

A wait stands only against the same account from the same address, against an address that tries many accounts, and
against a browser by itself: a browser that somebody logged in from before is known by a cookie, and what others do,
also from the same address, does not count against it.
"""

import ipaddress
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from fleetdash.domain.clock import Clock

FORGET_AFTER = 15 * 60.0
LONGEST_WAIT = 60.0
_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Bucket:
    """Failures that are counted together; the first `free` of them cost nothing."""

    kind: str
    of: str
    free: int


def buckets(address: str, name: str, known_browser: str | None) -> tuple[Bucket, ...]:
    """What an attempt counts against."""
    if known_browser is not None:
        return (Bucket("browser", known_browser, 5),)
    place = network(address)
    return Bucket("account", f"{place} {name}", 5), Bucket("address", place, 40)


def network(address: str) -> str:
    """One customer's: an IPv6 address stands for its /64, from which anyone has as many as they like."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv6Address):
        return str(ip.ipv4_mapped or ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)


@dataclass(slots=True)
class _Tally:
    failures: int = 0
    last: float = 0.0
    free_again_at: float = 0.0


class Throttle:
    """Waits of 1, 2, 4 ... 60 seconds once too many failed. All methods belong to the event loop."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tallies: OrderedDict[Bucket, _Tally] = OrderedDict()

    def begin(self, attempt: Iterable[Bucket]) -> float:
        """Seconds to wait before trying, 0 to go ahead: the attempt then counts as failed until it `succeeded`.

        Counted beforehand, or a thousand attempts at once would all go ahead.
        """
        now = self._clock.monotonic()
        tallies = [(bucket, self._tally(bucket, now)) for bucket in attempt]
        wait = max(tally.free_again_at - now for _, tally in tallies)
        if wait > 0:
            return wait
        for bucket, tally in tallies:
            tally.failures += 1
            tally.last = now
            if tally.failures >= bucket.free:
                tally.free_again_at = now + min(LONGEST_WAIT, 2.0 ** min(10, tally.failures - bucket.free))
        return 0.0

    def succeeded(self, attempt: Iterable[Bucket]) -> None:
        """It was the right password. What others failed at from the same address still counts."""
        for bucket in attempt:
            if bucket.kind == "address":
                tally = self._tally(bucket, self._clock.monotonic())
                tally.failures = max(0, tally.failures - 1)
            else:
                self._tallies.pop(bucket, None)

    def _tally(self, bucket: Bucket, now: float) -> _Tally:
        tally = self._tallies.get(bucket)
        if tally is None or now - tally.last > FORGET_AFTER:
            tally = self._tallies[bucket] = _Tally(last=now)
        self._tallies.move_to_end(bucket)
        if len(self._tallies) > _REMEMBERED:
            self._tallies.popitem(last=False)
        return tally
