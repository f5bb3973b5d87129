"""The newest ping of each device by each writer, and which of their times can be believed."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from fleetdash.domain.clocks import Clocks, Key, Look
from fleetdash.domain.pings import Value, answered
from fleetdash.domain.recording import SeriesClock
from fleetdash.errors import InvalidAnswer
from fleetdash.influx.query import WRITER_TAG, QueryWindow
from fleetdash.influx.response import Result, Series

_LATEST_OFF_SECONDS = 10 * 366 * 86_400


@dataclass(frozen=True, slots=True)
class Ping:
    """One ping: seconds since 1970 by its writer's clock; `answered` is `None` where its values do not show it."""

    seconds: int
    answered: bool | None


@dataclass(frozen=True, slots=True)
class DatedPing:
    """The newest usable ping of a series, on shore's clock; `certain`: by the clock of the whole answer."""

    writer: str
    at: datetime
    answered: bool | None
    certain: bool


@dataclass(frozen=True, slots=True)
class NewestPings:
    """By address: the pings whose time is known, and the writers of those whose time is not.

    `doubtful`: the series whose pings may be older than they seem.
    """

    dated: Mapping[str, list[DatedPing]] = field(default_factory=dict)
    undated: Mapping[str, list[str]] = field(default_factory=dict)
    doubtful: AbstractSet[Key] = frozenset()


def newest_pings(result: Result, device_tag: str, window: QueryWindow, *, losses_exist: bool) -> dict[Key, Ping]:
    """By address and writer; raises `InvalidAnswer` for times that no clock shows."""
    found: dict[Key, Ping] = {}
    for series in result:
        key = (series.tags.get(device_tag, ""), series.tags.get(WRITER_TAG, ""))
        if key in found:
            raise InvalidAnswer("the vessel's answer cannot be used: duplicate device")
        for row in series.rows[:1]:
            seconds = believable(row[0], window)
            found[key] = Ping(seconds, _answered(series, row, losses_exist=losses_exist))
    return {key: ping for key, ping in found.items() if key[0]}


def believable(seconds: Value, window: QueryWindow) -> int:
    """A time at most 10 years off; raises `InvalidAnswer`."""
    if not isinstance(seconds, int) or not -_LATEST_OFF_SECONDS <= seconds - window.end <= _LATEST_OFF_SECONDS:
        raise InvalidAnswer("the vessel's answer cannot be used: a time is more than 10 years off")
    return seconds


def _answered(series: Series, row: Sequence[Value], *, losses_exist: bool) -> bool | None:
    values: dict[str, Value] = {}
    for column, value in zip(series.columns[1:], row[1:], strict=True):
        name = column.removesuffix("_1")  # the second of two types of one field
        values[name] = value if values.get(name) is None else values[name]
    code, loss = values.get("result_code"), values.get("percent_packet_loss")
    verdict = answered(code, loss, values.get("percent_reply_loss"))
    # a vessel that never records a loss does not show which of its pings were answered
    return None if verdict is False and loss is None and not code and not losses_exist else verdict


def dated_pings(
    newest: Mapping[Key, Ping],
    look: Look,
    clocks: Clocks,
    around: tuple[Mapping[Key, Ping], Mapping[Key, Ping]],
    remembered: Iterable[SeriesClock],
    stale_after: timedelta,
) -> NewestPings:
    """Tell believable times from others.

    `around`: of series in the future, the newest ping up to now and the first one after it.

    Where pings go on from the past into the future, their writer's clock is ahead by an unknown time, and so may it
    be for its other devices: what seems fresh of them may be old. Those beyond a gap were stamped by mistake: the ones
    before it count.
    """
    future = clocks.future(look)
    past, following = around
    detached = {
        key
        for key in future
        if key in past and key in following and following[key].seconds - past[key].seconds > stale_after.total_seconds()
    }
    before = {(clock.address, clock.writer): clock for clock in remembered}
    writers = {writer for _, writer in future - detached}
    doubtful = (future - detached) | {key for key, clock in before.items() if clock.doubtful and key in newest}
    doubtful |= {key for key in newest if key[1] in writers and not _as_new_as_now(key, look, clocks, before)}
    doubtful -= clocks.proven.keys()

    def old(ping: Ping) -> bool:
        return look.now + clocks.offset - ping.seconds > stale_after.total_seconds()

    dated: dict[str, list[DatedPing]] = {}
    undated: dict[str, list[str]] = {}
    for key, ping in newest.items():
        address, writer = key
        offset = clocks.offset_of(key)
        if key in detached:
            ping = past[key]
        elif key in doubtful and not old(ping):
            undated.setdefault(address, []).append(writer)
            continue
        at = datetime.fromtimestamp(min(ping.seconds - offset, look.now), tz=UTC)
        dated.setdefault(address, []).append(DatedPing(writer, at, ping.answered, offset == clocks.offset))
    return NewestPings(dated, undated, doubtful)


def _as_new_as_now(key: Key, look: Look, clocks: Clocks, before: Mapping[Key, SeriesClock]) -> bool:
    """As new as shore's own now, and not known to stand still."""
    stands_still = key in before and look.now - before[key].seen_at >= look.slack
    return not stands_still and look.living(look.newest[key], clocks.offset)
