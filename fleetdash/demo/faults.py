"""What is wrong with a vessel's devices: outages, silences and oddities, in minutes on the vessel's own clock."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from fleetdash.demo.replies import Reply
from fleetdash.domain.fleet import Device

MINUTE = timedelta(minutes=1)

Interval = tuple[int, int, Reply | None]
"""The minutes [start, end) are recorded like this; `None`: nothing is recorded."""

FOREVER = 1 << 40


@dataclass(frozen=True, slots=True)
class FaultSpec:
    """`reply` is what is recorded while the fault lasts, `None` for silence.

    Times are before the demo's start: it begins `since` before it (always, when `None`) and ends `until` before it
    (never, when `None`). With `every`, it recurs at that period from `since` on, for `lasts` each time.
    `component` and `device` (an index) select the devices that have it; `None` means all of them.
    """

    reply: Reply | None
    since: timedelta | None = None
    until: timedelta | None = None
    every: timedelta | None = None
    lasts: timedelta | None = None
    component: str | None = None
    device: int | None = None

    def applies_to(self, device: Device, index: int) -> bool:
        """Whether the device, number `index` of its component, has the fault."""
        return self.component in (None, device.component) and self.device in (None, index)

    def at(self, anchor: int) -> "Fault":
        """The fault, when the demo starts in the minute `anchor`."""
        return Fault(
            reply=self.reply,
            start=-FOREVER if self.since is None else anchor - self.since // MINUTE,
            end=FOREVER if self.until is None else anchor - self.until // MINUTE,
            every=None if self.every is None else self.every // MINUTE,
            lasts=0 if self.lasts is None else self.lasts // MINUTE,
        )


@dataclass(frozen=True, slots=True)
class Fault:
    """A `FaultSpec` with absolute times, in minutes since 1970. A recurring one has no beginning and no end."""

    reply: Reply | None
    start: int
    end: int
    every: int | None = None
    lasts: int = 0

    def intervals(self, start: int, end: int) -> Iterator[Interval]:
        """Those that may touch the minutes [start, end)."""
        if self.every is None:
            yield self.start, self.end, self.reply
            return
        first = start - (start - self.start) % self.every
        yield from ((at, at + self.lasts, self.reply) for at in range(first, end, self.every))
