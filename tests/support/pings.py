"""Telegraf's pings as points, in InfluxDB's line protocol, and the plain loop that figures are held against."""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import fmean

from fleetdash.domain.pings import answered


@dataclass(frozen=True, slots=True)
class Point:
    """One ping of one device; `seconds` since 1970."""

    device: str
    seconds: int
    result_code: int
    loss: float | None = None
    response_ms: float | None = None

    @property
    def answered(self) -> bool:
        return answered(self.result_code, self.loss) is True

    @property
    def line(self) -> str:
        fields = [f"result_code={self.result_code}i"]
        fields += [] if self.loss is None else [f"percent_packet_loss={float(self.loss)}"]
        fields += [] if self.response_ms is None else [f"average_response_ms={self.response_ms}"]
        return f"ping,url={self.device} {','.join(fields)} {self.seconds}"


ANSWERS = (
    lambda ms: (0, 0.0, ms),
    lambda ms: (0, 25.0, ms),  # one of several packets lost
    lambda ms: (0, -300.0, ms),  # duplicated replies
)
FAILURES = (
    lambda: (1, 100.0, None),  # no such host
    lambda: (2, None, None),  # Telegraf leaves the loss out
    lambda: (0, None, None),  # and everything else, on some failures
    lambda: (0, 100.0, None),  # native mode: code 0 for a dead address
)


def a_day(
    device: str, end: int, chance: random.Random, *, share_up: float, share_recorded: float = 1.0
) -> Iterator[Point]:
    """A ping a minute until `end`, with every oddity seen in the wild; outages come in stretches."""
    up = True
    for seconds in range(end - 86_400 + 30, end, 60):
        if chance.random() < 0.1:
            up = chance.random() < share_up
        if chance.random() > share_recorded:
            continue
        made = chance.choice(ANSWERS)(round(chance.uniform(1, 900), 3)) if up else chance.choice(FAILURES)()
        yield Point(device, seconds, *made)


@dataclass(frozen=True, slots=True)
class Figures:
    """What a plain loop over the raw points says of one device."""

    ping_count: int
    successful_pings: int
    by_hour: dict[datetime, tuple[int, int]]
    average_response_ms: float | None
    last_ping_at: datetime | None
    last_success_at: datetime | None
    down_since: datetime | None


def figures(points: Iterable[Point], start: int, end: int) -> Figures:
    """Counts and means over start <= seconds < end; what is newest, over everything before `end`."""
    known = [point for point in points if point.seconds < end]
    seen = [point for point in known if point.seconds >= start]
    by_hour: dict[datetime, tuple[int, int]] = {}
    for point in seen:
        hour = _moment(point.seconds - point.seconds % 3600)
        recorded, good = by_hour.get(hour, (0, 0))
        by_hour[hour] = (recorded + 1, good + point.answered)
    times = [point.response_ms for point in seen if point.response_ms is not None]
    good_ones = [point for point in known if point.answered]
    return Figures(
        ping_count=len(seen),
        successful_pings=sum(point.answered for point in seen),
        by_hour=by_hour,
        average_response_ms=fmean(times) if times else None,
        last_ping_at=_moment(known[-1].seconds) if known else None,
        last_success_at=_moment(good_ones[-1].seconds) if good_ones else None,
        down_since=_down_since(known),
    )


def _down_since(seen: Sequence[Point]) -> datetime | None:
    since = None
    for point in seen:
        since = None if point.answered else since or _moment(point.seconds)
    return since


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
