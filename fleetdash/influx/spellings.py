"""Several spellings of one address are one device, whatever tag values a vessel's agents write."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from fleetdash.domain.fleet import Vessel, address_key, listed_spellings
from fleetdash.domain.pings import PingHours, PingSummary, VesselAnswer, successful_pings


def by_device(answer: VesselAnswer, vessel: Vessel) -> VesselAnswer:
    """One summary per device, under the address as the fleet file writes it, or in its shortest form if unlisted."""
    listed = listed_spellings(vessel)
    spellings: dict[str, list[PingSummary]] = {}
    for ping in answer.pings:
        spellings.setdefault(address_key(ping.ip_address), []).append(ping)
    oldest = answer.observed_at - vessel.limits.stale_after
    return replace(
        answer, pings=tuple(_merged(listed.get(key, key), pings, oldest) for key, pings in spellings.items())
    )


def _merged(address: str, pings: Sequence[PingSummary], oldest: datetime) -> PingSummary:
    """Hours are summed; of times the newest counts, and what any agent has just seen answered is answered.

    `oldest`: the time of the oldest ping that is fresh.
    """
    if len(pings) == 1:
        return replace(pings[0], ip_address=address)
    last_success = _newest(ping.last_success_at for ping in pings)
    fresh = [ping for ping in pings if ping.last_ping_at is not None and ping.last_ping_at >= oldest]
    clear = [ping for ping in fresh if not ping.inconclusive]
    answered = [ping for ping in clear if ping.last_ping_at == ping.last_success_at]
    outages = [ping.first_unanswered_at for ping in pings]
    return PingSummary(
        ip_address=address,
        hours=_summed([ping.hours for ping in pings]),
        average_response_ms=_mean_response(pings),
        last_ping_at=_newest(ping.last_ping_at for ping in answered or clear or pings),
        last_success_at=last_success,
        first_unanswered_at=min(
            (began for began in outages if began is not None and (last_success is None or began > last_success)),
            default=None,
        ),
        inconclusive=not clear and any(ping.inconclusive for ping in pings),
    )


def _summed(hours: Sequence[PingHours]) -> PingHours:
    """All of one answer, so of the same hours."""
    recorded = tuple(map(sum, zip(*(each.recorded for each in hours), strict=True)))
    answered = tuple(map(sum, zip(*(each.answered for each in hours), strict=True)))
    return replace(hours[0], recorded=recorded, answered=answered)


def _mean_response(pings: Sequence[PingSummary]) -> float | None:
    """Weighted by answered pings."""
    weights = [(ping.average_response_ms, successful_pings(ping.hours)) for ping in pings]
    weighted = [(mean, weight) for mean, weight in weights if mean is not None and weight]
    total = sum(weight for _, weight in weighted)
    return sum(mean * weight for mean, weight in weighted) / total if total else None


def _newest(moments: Iterable[datetime | None]) -> datetime | None:
    return max((moment for moment in moments if moment is not None), default=None)
