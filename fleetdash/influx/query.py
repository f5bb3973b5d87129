"""The InfluxQL of the request: five statements about a vessel's pings, and the begin of each known outage."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from fleetdash.domain.recording import FieldProfile
from fleetdash.domain.status import Limits
from fleetdash.influx.forms import AnsweredForms

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
class Statements:
    """The statements of the request, each group in one place; the last ones are ornaments: they may fail."""

    recorded: Sequence[str]
    answered: Sequence[str]
    newest: Sequence[str]
    last_answered: Sequence[str]
    outages: Sequence[str]
    mean: Sequence[str]

    @property
    def groups(self) -> tuple[Sequence[str], ...]:
        return (self.recorded, self.answered, self.newest, self.last_answered, self.outages, self.mean)


WRITER_TAG = "host"
"""The tag in which Telegraf names itself."""


@dataclass(frozen=True, slots=True)
class PingQuery:
    """The statements about one vessel's pings: of one retention policy, and with the tags in `match`, where given."""

    measurement: str
    device_tag: str
    retention_policy: str = ""
    match: tuple[tuple[str, str], ...] = ()
    fields: FieldProfile = field(default_factory=FieldProfile)

    def request(self, window: QueryWindow, down: Sequence[tuple[str, int | None]] = ()) -> Statements:
        """Pings and answers per hour, the newest ping of each writer, the newest answer, known outages, response time.

        All by device. The newest ping has no upper bound: it shows how far the clock that stamps it is off.
        """
        forms, tag = AnsweredForms(self.fields), identifier(self.device_tag)
        in_window = f"time>={window.start}s AND time<{window.end}s"
        in_lookback = f"time>={window.lookback_start}s AND time<{window.end}s"
        # shore's UTC hours, also if the vessel's clock is off
        offset = f",{window.skew % 3600}s" if window.skew % 3600 else ""
        by_hour = f"GROUP BY time(1h{offset}),{tag} fill(none)"
        return Statements(
            recorded=[
                f"SELECT {form.counts} {self._where(form.recorded)}{in_window} {by_hour}" for form in forms.by_type
            ],
            answered=[
                f"SELECT count({form.field}) {self._where(form.answered)}{in_window} {by_hour}"
                for form in forms.by_type
            ],
            newest=[self._newest(f"time>={window.lookback_start}s")],
            last_answered=[
                f"SELECT last({form.field}) {self._where(form.answered)}{in_lookback} GROUP BY {tag}"
                for form in forms.by_type
            ],
            outages=self.outages(down, window),
            # the cast leaves out what is no number, where a plain mean would fail the request
            mean=[f"SELECT mean(average_response_ms::float) {self._where()}{in_window} GROUP BY {tag}"],
        )

    def outages(self, devices: Sequence[tuple[str, int | None]], window: QueryWindow) -> list[str]:
        """Per device, the first ping after its last answered one (vessel's seconds), or the first in the look-back."""
        fields, tag = AnsweredForms(self.fields).selected, identifier(self.device_tag)
        return [
            f"SELECT {fields} {self._where(f'{tag}={literal(address)}')}"
            f"{_after(last_success, window)} AND time<{window.end}s LIMIT 1"
            for address, last_success in devices
        ]

    def around(self, window: QueryWindow, moment: int) -> list[str]:
        """The newest pings up to a moment (vessel's seconds), and the first ones after it; by device and writer."""
        return [
            self._newest(f"time>={window.lookback_start}s AND time<={moment}s"),
            self._newest(f"time>{moment}s", "ASC"),
        ]

    def field_keys(self) -> list[str]:
        """The fields and the tags of the pings."""
        return [f"SHOW FIELD KEYS FROM {self.source}", f"SHOW TAG KEYS FROM {self.source}"]

    @property
    def source(self) -> str:
        policy = f"{identifier(self.retention_policy)}." if self.retention_policy else ""
        return policy + identifier(self.measurement)

    def _newest(self, when: str, order: str = "DESC") -> str:
        # a selected field, unlike `last()` of it, also shows pings that lack that field
        tags = identifier(self.device_tag)
        tags += "" if self.device_tag == WRITER_TAG else f",{WRITER_TAG}"
        fields = AnsweredForms(self.fields).selected
        return f"SELECT {fields} {self._where()}{when} GROUP BY {tags} ORDER BY time {order} LIMIT 1"

    def _where(self, *conditions: str) -> str:
        """From where, and all conditions but the time's, which follows."""
        matching = [f"{identifier(tag)}={literal(value)}" for tag, value in self.match]
        listed = "".join(f"{condition} AND " for condition in (*conditions, *matching) if condition)
        return f"FROM {self.source} WHERE {listed}"


def _after(last_success: int | None, window: QueryWindow) -> str:
    return f"time>={window.lookback_start}s" if last_success is None else f"time>{last_success}s"
