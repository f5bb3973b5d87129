"""What is wrong with a vessel, in one sentence, and since when: the same on its card and in its modal."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fleetdash.domain.read_models import VesselReport
from fleetdash.domain.status import ComponentFigures, SyncStatus
from fleetdash.domain.wording import joined

_NO_FRESH_DATA = (SyncStatus.STALE_DATA, SyncStatus.NO_DATA)


@dataclass(frozen=True, slots=True)
class Since:
    """The moment that a headline dates from, and the words that introduce it; `is_bound`: it may be earlier."""

    lead: str
    at: datetime
    is_bound: bool = False


def headline(vessel: VesselReport) -> str:
    """ "" for a vessel that is well."""
    if vessel.sync_status is SyncStatus.SYNC_FAILED and vessel.last_error is not None:
        message = vessel.last_error.message
        return f"{message[:1].upper()}{message[1:].rstrip('.')}."
    fresh = vessel.sync_status is SyncStatus.OPERATIONAL
    is_well = fresh and not vessel.devices_down and not below_service_level(vessel.components)
    return "" if is_well else vessel.sync_reason


def below_service_level(components: Sequence[ComponentFigures]) -> str:
    """Names the components that miss the service level, "" where none does."""
    missed = [figures for figures in components if figures.meets_sla is False]
    if not missed:
        return ""
    first, *others = missed
    answering = [f"{first.component} answers {_percent(first)}"]
    answering += [f"{figures.component} {_percent(figures)}" for figures in others]
    level = "" if first.sla_percent is None else f"{first.sla_percent:g} % "
    return f"{joined(answering)} of pings, below the {level}service level."


def _percent(figures: ComponentFigures) -> str:
    """Rounded down, so that 94.97 % is not written as the 95 % that it misses."""
    return "N/A" if figures.uptime_percent is None else f"{math.floor(10 * figures.uptime_percent) / 10:.1f} %"


def since(vessel: VesselReport) -> Since | None:
    """Since when the headline holds, as far as that is known.

    A vessel whose devices are silent is dated by its last ping: its status changed only when a run noticed.
    """
    if vessel.sync_status in _NO_FRESH_DATA:
        return _last_ping(vessel)
    if vessel.devices_down:
        return _down_since(vessel)
    undated = (SyncStatus.OPERATIONAL, SyncStatus.NO_HISTORY)
    if vessel.sync_status in undated or vessel.sync_status_since is None:
        return None
    return Since("since", vessel.sync_status_since)


def _last_ping(vessel: VesselReport) -> Since | None:
    last, observed = vessel.last_ping_at, vessel.observed_at
    # a ping stamped in the future dates nothing
    return Since("last ping", last) if last is not None and observed is not None and last <= observed else None


def _down_since(vessel: VesselReport) -> Since | None:
    if vessel.down_since is None:
        return None
    which = "" if vessel.devices_down == 1 else "the first "
    # others are silent, since another time
    down = "down " if vessel.sync_status is SyncStatus.PARTIAL_SYNC else ""
    bound = "at least " if vessel.down_since_is_bound else ""
    return Since(f"{which}{down}{bound}since", vessel.down_since, vessel.down_since_is_bound)
