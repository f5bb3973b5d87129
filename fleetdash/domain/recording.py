"""How a vessel records its pings, and what else an answer shows beside them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

FIELDS_VALID_FOR = timedelta(days=1)
MISFIT_VALID_FOR = timedelta(hours=1)
"""Where pings do not look as the fields that were looked up."""

DIAGNOSIS_VALID_FOR = timedelta(hours=1)


class FieldKind(StrEnum):
    """How a value is stored."""

    NUMBER = "number"
    TEXT = "text"
    TAG = "tag"


FieldKinds = tuple[FieldKind, ...]
"""Of one name; several where it differs between shards, none where it does not exist."""

_NUMBER = (FieldKind.NUMBER,)


@dataclass(frozen=True, slots=True)
class FieldProfile:
    """The fields of the pings. The default is that of today's Telegraf, and of a vessel that nothing is known of."""

    result_code: FieldKinds = _NUMBER
    percent_packet_loss: FieldKinds = _NUMBER
    percent_reply_loss: FieldKinds = _NUMBER


@dataclass(frozen=True, slots=True)
class SeriesClock:
    """One device's pings by one writer, when last looked at: seconds since 1970.

    `newest`: its newest ping, by the writer's clock. `seen_at`: shore's clock. `offset`: seconds by which the
    writer's clock is ahead, `None` until two looks have shown that it writes. `doubtful`: the clock is not known, so
    that its pings may be older than they seem.
    """

    address: str
    writer: str
    newest: int
    seen_at: int
    offset: int | None = None
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class QueryMemory:
    """What the next request to a vessel needs to know of earlier ones.

    `date_skew_seconds`: of HTTP's `Date`, which may be a gateway's. `series`: only of vessels whose clocks are odd.
    """

    fields: FieldProfile | None = None
    fields_read_at: datetime | None = None
    diagnosed_at: datetime | None = None
    findings: tuple[str, ...] = ()
    date_skew_seconds: int | None = None
    series: tuple[SeriesClock, ...] = ()

    def fields_due(self, now: datetime, *, fit: bool) -> bool:
        """Whether to look the fields up; `fit`: the newest pings are as they were then."""
        return not _recent(self.fields_read_at, now, FIELDS_VALID_FOR if fit else MISFIT_VALID_FOR)

    def diagnosis_due(self, now: datetime) -> bool:
        return not _recent(self.diagnosed_at, now, DIAGNOSIS_VALID_FOR)


def _recent(moment: datetime | None, now: datetime, valid_for: timedelta) -> bool:
    """A moment in the future is from a time when shore's clock was ahead."""
    return moment is not None and moment <= now < moment + valid_for


@dataclass(frozen=True, slots=True)
class AnswerNotes:
    """What the reason for a vessel's status has to name beside its pings.

    `date_skew_seconds`: of `Date`, where it is not the clock that stamps the pings. `ahead_seconds`: how far in the
    future pings are stamped whose true time is not known, on `undated_devices`. `writers`: those that record the same
    devices. `unreadable_devices`: whose newest ping does not show whether it was answered.
    """

    date_skew_seconds: int = 0
    ahead_seconds: int = 0
    undated_devices: int = 0
    writers: tuple[str, ...] = ()
    writer_offsets: tuple[tuple[str, int], ...] = ()
    addresses_left_out: int = 0
    unreadable_devices: int = 0
    findings: tuple[str, ...] = ()
