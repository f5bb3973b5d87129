"""What a link does to the bytes of one vessel: a rate, a delay, and TCP's slow start."""

import time
from dataclasses import dataclass, field

_INITIAL_WINDOW_BYTES = 10 * 1448
"""RFC 6928: what a sender may have under way before the first acknowledgement; it doubles with each round trip."""


@dataclass(frozen=True, slots=True)
class Speed:
    """Of both directions; without a rate, bytes are counted and passed on at once."""

    bits_per_second: float = 0.0
    round_trip_seconds: float = 0.0


@dataclass(slots=True)
class Direction:
    """One direction of a vessel's link: all its connections share the rate."""

    speed: Speed
    free_at: float = 0.0

    def arrival(self, size: int, not_before: float) -> float:
        """When `size` bytes handed in now, or at `not_before`, are at the far end."""
        if not self.speed.bits_per_second:
            return 0.0
        start = max(time.monotonic(), self.free_at, not_before)
        self.free_at = start + size * 8 / self.speed.bits_per_second
        return self.free_at + self.speed.round_trip_seconds / 2


@dataclass(slots=True)
class SlowStart:
    """How much one connection may send at a time: a relay's two connections on loopback would know no bounds."""

    round_trip_seconds: float
    window: int = _INITIAL_WINDOW_BYTES
    left: int = _INITIAL_WINDOW_BYTES
    flight_began: float = field(default=0.0)

    def admit(self, size: int) -> tuple[int, float]:
        """How many of `size` bytes may go, and from when on."""
        if not self.left:
            self.window *= 2
            self.left = self.window
            self.flight_began += self.round_trip_seconds
        elif self.left == self.window:
            self.flight_began = max(self.flight_began, time.monotonic())
        admitted = min(size, self.left)
        self.left -= admitted
        return admitted, self.flight_began


@dataclass(slots=True)
class Traffic:
    """What went over a vessel's link. A round trip is a handshake, or a question and its answer."""

    up: int = 0
    down: int = 0
    round_trips: int = 0
