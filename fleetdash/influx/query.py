"""The one request that a vessel gets, as measured: five aggregates, and when each outage began."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fleetdash.domain.status import Limits

_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n"})


def identifier(name: str) -> str:
    """A measurement or tag from the fleet file, so quoted that it can be nothing else."""
    return '"' + name.translate(_ESCAPES).replace('"', '\\"') + '"'


def literal(text: str) -> str:
    """A value to compare with, so quoted that it can be nothing else."""
    return "'" + text.translate(_ESCAPES).replace("'", "\\'") + "'"


@dataclass(frozen=True, slots=True)
class QueryWindow:
    """What is asked about, in whole seconds since 1970 on the vessel's clock; `skew` is what that is ahead by."""

    lookback_start: int
    start: int
    end: int
    skew: int

    @classmethod
    def before(cls, now: datetime, limits: Limits, skew: int) -> "QueryWindow":
        """The window and the look-back that end `now` on shore's clock."""
        end = int(now.timestamp()) + skew
        return cls(
            lookback_start=end - int(limits.lookback.total_seconds()),
            start=end - int(limits.window.total_seconds()),
            end=end,
            skew=skew,
        )

    def to_vessel_clock(self, moment: datetime) -> int:
        """Shore's time -> the vessel's seconds."""
        return int(moment.timestamp()) + self.skew

    def to_shore_clock(self, seconds: int, epoch: datetime) -> datetime:
        """The vessel's seconds -> shore's time."""
        return epoch + timedelta(seconds=seconds - self.skew)


@dataclass(frozen=True, slots=True)
class PingQuery:
    """The statements about one vessel's pings."""

    measurement: str
    device_tag: str

    def summaries(self, period: QueryWindow) -> list[str]:
        """Pings and answers by the hour, mean response, newest ping, newest answer: each by device."""
        source, tag = identifier(self.measurement), identifier(self.device_tag)
        # without a loss an answered ping cannot be told; `count(loss)` would skip failures, which carry none
        answered = "result_code=0 AND percent_packet_loss<100 AND "
        window = f"time>={period.start}s AND time<{period.end}s"
        lookback = f"time>={period.lookback_start}s AND time<{period.end}s"
        # cells are shore's UTC hours, whatever the vessel's clock says
        offset = f",{period.skew % 3600}s" if period.skew % 3600 else ""
        by_hour = f"GROUP BY time(1h{offset}),{tag} fill(none)"
        return [
            f"SELECT count(result_code) FROM {source} WHERE {window} {by_hour}",
            f"SELECT count(result_code) FROM {source} WHERE {answered}{window} {by_hour}",
            f"SELECT mean(average_response_ms) FROM {source} WHERE {window} GROUP BY {tag}",
            f"SELECT last(result_code) FROM {source} WHERE {lookback} GROUP BY {tag}",
            f"SELECT last(result_code) FROM {source} WHERE {answered}{lookback} GROUP BY {tag}",
        ]

    def outages(self, devices: Sequence[tuple[str, int | None]], period: QueryWindow) -> list[str]:
        """The first ping after each device's last answered one (vessel's seconds), or in the look-back."""
        source, tag = identifier(self.measurement), identifier(self.device_tag)
        return [
            f"SELECT first(result_code) FROM {source} WHERE {tag}={literal(address)} "
            f"AND {_after(last_success, period)} AND time<{period.end}s"
            for address, last_success in devices
        ]


def _after(last_success: int | None, period: QueryWindow) -> str:
    return f"time>={period.lookback_start}s" if last_success is None else f"time>{last_success}s"
