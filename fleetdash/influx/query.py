"""The InfluxQL of the request: five aggregates over a vessel's pings, and the begin of each known outage."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from fleetdash.domain.status import Limits

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n"})


def identifier(name: str) -> str:
    """A measurement or tag key, quoted so that it cannot be read as anything else."""
    return '"' + name.translate(_ESCAPES).replace('"', '\\"') + '"'


def literal(text: str) -> str:
    """A string to compare with, quoted so that it cannot be read as anything else."""
    return "'" + text.translate(_ESCAPES).replace("'", "\\'") + "'"


@dataclass(frozen=True, slots=True)
class QueryWindow:
    """Bounds of the request, in whole seconds since 1970 on the vessel's clock, which is ahead by `skew` seconds."""

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

    def to_shore_clock(self, seconds: int) -> datetime:
        """The vessel's seconds -> shore's time."""
        return _EPOCH + timedelta(seconds=seconds - self.skew)


@dataclass(frozen=True, slots=True)
class PingQuery:
    """The statements about one vessel's pings: of one retention policy, and with the tags in `match`, where given."""

    measurement: str
    device_tag: str
    retention_policy: str = ""
    match: tuple[tuple[str, str], ...] = ()

    def summaries(self, window: QueryWindow) -> list[str]:
        """Pings per hour, answers per hour, mean response time, newest ping, newest answer; each by device."""
        source, tag = self._source, identifier(self.device_tag)
        # only the loss shows whether a ping was answered; `count(loss)` would skip failures, which carry none
        answered = "result_code=0 AND percent_packet_loss<100 AND "
        in_window = f"{self._matching}time>={window.start}s AND time<{window.end}s"
        in_lookback = f"{self._matching}time>={window.lookback_start}s AND time<{window.end}s"
        # shore's UTC hours, also if the vessel's clock is off
        offset = f",{window.skew % 3600}s" if window.skew % 3600 else ""
        by_hour = f"GROUP BY time(1h{offset}),{tag} fill(none)"
        return [
            f"SELECT count(result_code) FROM {source} WHERE {in_window} {by_hour}",
            f"SELECT count(result_code) FROM {source} WHERE {answered}{in_window} {by_hour}",
            f"SELECT mean(average_response_ms) FROM {source} WHERE {in_window} GROUP BY {tag}",
            f"SELECT last(result_code) FROM {source} WHERE {in_lookback} GROUP BY {tag}",
            f"SELECT last(result_code) FROM {source} WHERE {answered}{in_lookback} GROUP BY {tag}",
        ]

    def outages(self, devices: Sequence[tuple[str, int | None]], window: QueryWindow) -> list[str]:
        """Per device, the first ping after its last answered one (vessel's seconds), or the first in the look-back."""
        source, tag = self._source, identifier(self.device_tag)
        return [
            f"SELECT first(result_code) FROM {source} WHERE {tag}={literal(address)} "
            f"AND {self._matching}{_after(last_success, window)} AND time<{window.end}s"
            for address, last_success in devices
        ]

    @property
    def _source(self) -> str:
        policy = f"{identifier(self.retention_policy)}." if self.retention_policy else ""
        return policy + identifier(self.measurement)

    @property
    def _matching(self) -> str:
        return "".join(f"{identifier(tag)}={literal(value)} AND " for tag, value in self.match)


def _after(last_success: int | None, window: QueryWindow) -> str:
    return f"time>={window.lookback_start}s" if last_success is None else f"time>{last_success}s"
