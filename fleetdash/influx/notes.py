"""What the reason for a vessel's status has to name beside its pings."""

from collections import Counter
from collections.abc import Iterable
from statistics import median

from fleetdash.config.settings import VesselTarget
from fleetdash.domain.clocks import TOLERANCE, Clocks, Look
from fleetdash.domain.fleet import Vessel, address_key
from fleetdash.domain.pings import PingHours, VesselAnswer
from fleetdash.domain.recording import AnswerNotes, FieldKind, FieldProfile
from fleetdash.influx.newest import NewestPings
from fleetdash.influx.response import quoted

_MOST_WRITERS = 4
_HOUR = 3600
_HOURS_TO_AGREE = 2
_SHORTER, _LONGER = 2 / 3, 1.6
"""Times the interval that is set: beyond these the pings come at another one."""


def shows_nothing(answer: VesselAnswer, vessel: Vessel) -> bool:
    """Whether no device of the fleet file has a fresh ping."""
    listed = {device.ip_address for device in vessel.devices}
    oldest = answer.observed_at - vessel.limits.stale_after
    fresh = (
        ping.last_ping_at is not None and ping.last_ping_at >= oldest
        for ping in answer.pings
        if ping.ip_address in listed
    )
    return bool(listed) and not any(fresh)


def notes_of(
    answer: VesselAnswer,
    target: VesselTarget,
    fields: FieldProfile,
    look: Look,
    clocks: Clocks,
    newest: NewestPings,
    left_out: int,
) -> AnswerNotes:
    """Of one answer."""
    ahead = [look.newest[key] - look.now for key in clocks.future(look)]
    offsets = Counter(
        (writer, offset) for (_, writer), offset in clocks.proven.items() if abs(offset - clocks.offset) > TOLERANCE
    )
    writers = _writers(newest, answer, target)
    several = len(writers) > 1
    return AnswerNotes(
        date_skew_seconds=look.date_skew if abs(look.date_skew - clocks.offset) > TOLERANCE else 0,
        ahead_seconds=max(ahead, default=0),
        undated_devices=len(newest.undated.keys() - newest.dated.keys()),
        writers=writers if several else (),
        writer_offsets=tuple((quoted(writer), offset) for writer, offset in sorted(offsets))[:_MOST_WRITERS],
        addresses_left_out=left_out,
        unreadable_devices=_unreadable(newest, answer, target),
        findings=(*answer.memory.findings, *_field_findings(fields), *([] if several else _interval(answer, target))),
    )


def _writers(newest: NewestPings, answer: VesselAnswer, target: VesselTarget) -> tuple[str, ...]:
    """Those that record the same devices now."""
    oldest = answer.observed_at - target.vessel.limits.stale_after
    active: dict[str, set[str]] = {}
    for address, pings in newest.dated.items():
        active.setdefault(address_key(address), set()).update(ping.writer for ping in pings if ping.at >= oldest)
    for address, writers in newest.undated.items():
        active.setdefault(address_key(address), set()).update(writers)
    found: set[str] = set().union(*(writers for writers in active.values() if len(writers) > 1))
    return tuple(map(quoted, sorted(found)[:_MOST_WRITERS]))


def _unreadable(newest: NewestPings, answer: VesselAnswer, target: VesselTarget) -> int:
    oldest = answer.observed_at - target.vessel.limits.stale_after
    fresh = ([ping for ping in pings if ping.at >= oldest] for pings in newest.dated.values())
    return sum(bool(pings) and all(ping.answered is None for ping in pings) for pings in fresh)


def _field_findings(fields: FieldProfile) -> Iterable[str]:
    if not fields.percent_packet_loss and not fields.result_code:
        return  # the diagnosis names what there is instead
    if not fields.percent_packet_loss:
        yield "The pings have no percent_packet_loss, so that they do not show whether they were answered."
    elif FieldKind.NUMBER not in fields.percent_packet_loss:
        yield "percent_packet_loss is recorded as text: what is no number in it counts as no ping."
    if not fields.result_code:
        yield "The pings have no result_code: up or down follows from percent_packet_loss alone."
    elif FieldKind.TEXT in fields.result_code:
        yield "result_code is recorded as text."


def _interval(answer: VesselAnswer, target: VesselTarget) -> Iterable[str]:
    """Where pings come at another interval than the one that is set."""
    configured = int(target.vessel.limits.ping_interval.total_seconds())

    def as_set(seconds: float) -> bool:
        return configured * _SHORTER < seconds < configured * _LONGER

    busiest = [max(ping.hours.recorded[1:-1], default=0) for ping in answer.pings]
    if any(pings and as_set(_HOUR / pings) for pings in busiest):
        return
    rates = [rate for rate in map(_pings_per_hour, (ping.hours for ping in answer.pings)) if rate is not None]
    if rates and 0 < (seconds := round(_HOUR / median(rates))) <= _HOUR and not as_set(seconds):
        yield f"Pings come every {seconds} s, not every {configured} s; set ping_interval_seconds = {seconds}."


def _pings_per_hour(hours: PingHours) -> float | None:
    """Of whole hours, where they agree; what is lost now and then, or recorded now and then, has no interval."""
    counts = [count for count in hours.recorded[1:-1] if count]
    if len(counts) < _HOURS_TO_AGREE:
        return None
    typical = median(counts)
    if typical < hours.expected[1] and 2 * len(counts) < len(hours) - 2:
        return None
    agree = sum(abs(count - typical) <= max(1, typical / 20) for count in counts)
    return typical if agree >= max(_HOURS_TO_AGREE, len(counts) / 2) else None
