"""The sentence that gives the reason for a vessel's sync status; times in UTC."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from fleetdash.domain.headline import below_service_level
from fleetdash.domain.read_models import LastError
from fleetdash.domain.recording import AnswerNotes
from fleetdash.domain.status import ComponentFigures, SyncStatus
from fleetdash.domain.wording import count, duration, joined


@dataclass(frozen=True, slots=True)
class SyncFacts:
    """The facts behind the sentence."""

    sync_status: SyncStatus
    last_error: LastError | None
    observed_at: datetime | None
    last_attempt_at: datetime | None
    devices_total: int
    devices_fresh: int
    devices_down: int
    clock_skew_seconds: int = 0
    left_at: datetime | None = None
    notes: AnswerNotes = field(default_factory=AnswerNotes)
    components: tuple[ComponentFigures, ...] = ()


def sync_reason(facts: SyncFacts) -> str:
    """One sentence or two, e.g. "Asked 14:05, no answer in 30 s, 4 attempts; values below are from 13:50"."""
    parts = [_because(facts), *note_sentences(facts.notes, facts.clock_skew_seconds)]
    if facts.left_at is not None:
        parts.append(f"The fleet file no longer lists this vessel since {_time(facts.left_at)}.")
    return " ".join(parts)


def note_sentences(notes: AnswerNotes, clock_skew_seconds: int) -> Iterator[str]:
    """What is odd about the vessel's answer, and what to write into the fleet file."""
    if clock_skew_seconds:
        off = f"{_skew(clock_skew_seconds)} {_direction(clock_skew_seconds)}"
        yield f"The vessel's clock is {off}; times here are corrected."
    if notes.date_skew_seconds:
        yield (
            f"The HTTP Date of its answers is {_skew(notes.date_skew_seconds)} {_direction(notes.date_skew_seconds)} "
            "and is not the clock of its pings."
        )
    if notes.undated_devices:
        devices = count(notes.undated_devices, "device")
        stamped = f"are stamped up to {_skew(notes.ahead_seconds)} in" if notes.ahead_seconds else "were stamped in"
        yield f"Pings of {devices} {stamped} the future: whether they are new is not known, and they count as stale."
    elif notes.ahead_seconds:
        yield f"Some pings are stamped up to {_skew(notes.ahead_seconds)} in the future, and are ignored."
    for writer, offset in notes.writer_offsets:
        yield f"The clock of {_agent(writer)} is {_skew(offset)} {_direction(offset)}; times here are corrected."
    if notes.writers:
        yield (
            f"{count(len(notes.writers), 'agent')} write the same devices, {joined(list(map(_agent, notes.writers)))}: "
            f"uptime is of what they recorded together; match = {{ host = {_quoted(notes.writers[0])} }} picks one."
        )
    if notes.unreadable_devices:
        devices = count(notes.unreadable_devices, "device")
        yield f"The newest pings of {devices} do not show whether they were answered."
    if notes.addresses_left_out:
        yield f"{count(notes.addresses_left_out, 'address', 'addresses')} too long or too many are left out."
    yield from notes.findings


def _agent(name: str) -> str:
    return f"host {_quoted(name)}" if name else "one without the tag host"


def _quoted(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)


def _direction(seconds: int) -> str:
    return "ahead" if seconds > 0 else "behind"


def _skew(seconds: int) -> str:
    """To the minute: `Date` has whole seconds, and the link's own delay hides some."""
    return duration(60 * round(abs(seconds) / 60))


def _because(facts: SyncFacts) -> str:
    match facts.sync_status:
        case SyncStatus.SYNC_FAILED:
            return _not_reached(facts)
        case SyncStatus.OPERATIONAL:
            return _below(facts) or "Every device has fresh data."
        case SyncStatus.PARTIAL_SYNC:
            silent = facts.devices_total - facts.devices_fresh
            verb = "has" if silent == 1 else "have"
            return f"{silent} of {facts.devices_total} devices {verb} no fresh data. {_below(facts)}".strip()
        case SyncStatus.STALE_DATA:
            if facts.notes.undated_devices or facts.notes.unreadable_devices:
                return "The vessel answers, but no device is known to have fresh data."
            return "The vessel answers, but its newest pings are older than the stale limit."
        case SyncStatus.NO_DATA:
            return "The vessel answers, but recorded no pings in the last day."
        case _:
            return _no_history(facts)


def _down(facts: SyncFacts) -> str:
    """Fresh data may show that devices are down: the sentence must say so."""
    if not facts.devices_down:
        return ""
    return f"{facts.devices_down} of {facts.devices_total} devices {'is' if facts.devices_down == 1 else 'are'} down."


def _below(facts: SyncFacts) -> str:
    """What fresh data says that is not well: devices down, or components below the service level."""
    return _down(facts) or below_service_level(facts.components)


def _not_reached(facts: SyncFacts) -> str:
    error = facts.last_error
    if error is None:
        return "The vessel could not be reached."
    attempts = count(error.attempts, "attempt")
    known = f"values are from {_time(facts.observed_at)}" if facts.observed_at else "it has never answered"
    return f"Asked {_time(error.at)}: {error.message.rstrip('.')}, {attempts}; {known}."


def _no_history(facts: SyncFacts) -> str:
    if facts.devices_total == 0:
        return "The fleet file names no device of this vessel."
    if facts.last_attempt_at is None:
        return "This vessel was not asked yet."
    if facts.notes.findings:
        return "The vessel answers, but shows no ping of its devices."
    return "The vessel answers, but never recorded a ping of its devices."


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
