"""Failed logins are throttled by address and account; nobody can lock somebody else out.

A wait applies to one account from one address, to an address that tries many accounts, and to a known browser. A
browser is known, by a cookie, once somebody has logged in from it; failures elsewhere, also at its address, do not
count against it.
"""

import ipaddress
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from fleetdash.domain.clock import Clock

FORGET_SECONDS = 15 * 60.0
MAX_WAIT_SECONDS = 60.0
_MAX_TALLIES = 10_000


@dataclass(frozen=True, slots=True)
class Bucket:
    """Failures that are counted together; the first `free` of them cause no wait."""

    kind: str
    of: str
    free: int


def buckets(address: str, name: str, known_browser: str | None) -> tuple[Bucket, ...]:
    """The buckets that an attempt counts in."""
    if known_browser is not None:
        return (Bucket("browser", known_browser, 5),)
    source = network(address)
    return Bucket("account", f"{source} {name}", 5), Bucket("address", source, 40)


def network(address: str) -> str:
    """The address, or the /64 of an IPv6 address: anyone has as many addresses in one /64 as they like."""
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
    blocked_until: float = 0.0


class Throttle:
    """Waits of 1, 2, 4 ... 60 seconds after too many failures. Call all methods on the event loop."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tallies: OrderedDict[Bucket, _Tally] = OrderedDict()

    def begin(self, attempt: Iterable[Bucket]) -> float:
        """Seconds to wait first, or 0 to go ahead: the attempt then counts as failed until `succeeded` is called.

        Counted beforehand; otherwise a thousand attempts at once would all go ahead.
        """
        now = self._clock.monotonic()
        tallies = [(bucket, self._tally(bucket, now)) for bucket in attempt]
        wait = max(tally.blocked_until - now for _, tally in tallies)
        if wait > 0:
            return wait
        for bucket, tally in tallies:
            tally.failures += 1
            tally.last = now
            if tally.failures >= bucket.free:
                tally.blocked_until = now + min(MAX_WAIT_SECONDS, 2.0 ** min(10, tally.failures - bucket.free))
        return 0.0

    def succeeded(self, attempt: Iterable[Bucket]) -> None:
        """The password was correct. Failures of others at the same address still count."""
        for bucket in attempt:
            if bucket.kind == "address":
                tally = self._tally(bucket, self._clock.monotonic())
                tally.failures = max(0, tally.failures - 1)
            else:
                self._tallies.pop(bucket, None)

    def _tally(self, bucket: Bucket, now: float) -> _Tally:
        tally = self._tallies.get(bucket)
        if tally is None or now - tally.last > FORGET_SECONDS:
            tally = self._tallies[bucket] = _Tally(last=now)
        self._tallies.move_to_end(bucket)
        if len(self._tallies) > _MAX_TALLIES:
            self._tallies.popitem(last=False)
        return tally
