"""Merging a vessel's answer into what is remembered of its devices."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from fleetdash.domain.pings import PingSummary, VesselAnswer, ping_hours
from fleetdash.domain.status import CLOCK_TOLERANCE, DeviceState, Limits, SyncStatus, observed_status


def merge_devices(
    named: Sequence[DeviceState], remembered: Iterable[DeviceState], answer: VesselAnswer, limits: Limits
) -> tuple[DeviceState, ...]:
    """The devices of the fleet file, then those that only the vessel knows, after its answer.

    `named`: the fleet file's devices, as remembered. `remembered`: all devices.
    """
    reported = {summary.ip_address: summary for summary in answer.pings}
    listed = {device.ip_address for device in named}
    if missing := listed - reported.keys():
        nothing = unmentioned(answer.observed_at, limits)
        reported |= {address: replace(nothing, ip_address=address) for address in missing}
    known = {device.ip_address: device for device in remembered}
    others = (
        replace(known.get(address) or DeviceState(address, None), component=None)
        for address in reported
        if address not in listed
    )
    return tuple(
        merge_answer(device, reported[device.ip_address], answer.observed_at, limits) for device in (*named, *others)
    )


def unmentioned(observed_at: datetime, limits: Limits) -> PingSummary:
    """What an answer says of a device that it does not mention: no ping was recorded in the window."""
    hours = ping_hours(observed_at - limits.window, observed_at, limits.ping_interval, {})
    return PingSummary("", hours, None, None, None)


def merge_answer(known: DeviceState, summary: PingSummary, observed_at: datetime, limits: Limits) -> DeviceState:
    """Merge what an answer says of a device into its state; a vessel that lost its past removes nothing from ours."""
    known = _possible(known, observed_at)
    last_ping = _latest(known.last_ping_at, summary.last_ping_at)
    last_success = _latest(known.last_success_at, summary.last_success_at)
    down_since, is_bound = _down_since(known, summary, last_ping, last_success)
    return replace(
        known,
        observed_status=(
            SyncStatus.STALE_DATA
            if summary.inconclusive
            else observed_status(last_ping, down_since is None, observed_at, limits)
        ),
        observed_at=observed_at,
        hours=summary.hours,
        average_response_ms=summary.average_response_ms,
        last_ping_at=last_ping,
        last_success_at=last_success,
        down_since=down_since,
        down_since_is_bound=is_bound,
    )


def _possible(known: DeviceState, observed_at: datetime) -> DeviceState:
    """Without what was remembered while shore's clock was ahead."""
    latest = observed_at + CLOCK_TOLERANCE

    def past(moment: datetime | None) -> datetime | None:
        return moment if moment is not None and moment <= latest else None

    return replace(
        known,
        last_ping_at=past(known.last_ping_at),
        last_success_at=past(known.last_success_at),
        down_since=past(known.down_since),
    )


def _down_since(
    known: DeviceState, summary: PingSummary, last_ping: datetime | None, last_success: datetime | None
) -> tuple[datetime | None, bool]:
    """The earliest moment known of this outage, if any, and whether it is only a bound: "at least since"."""
    if summary.inconclusive:
        return known.down_since, known.down_since_is_bound
    if last_ping is None or last_ping == last_success:
        return None, False
    since, is_bound = last_ping, True
    first = summary.first_unanswered_at
    if first is not None and _within_outage(first, last_success):
        since, is_bound = first, summary.last_success_at is None
    remembered = known.down_since
    if remembered is None or not _within_outage(remembered, last_success) or since < remembered:
        return since, is_bound
    # a vessel that still has the last answered ping turns a bound into a fact
    return remembered, known.down_since_is_bound and (is_bound or since != remembered)


def _within_outage(moment: datetime, last_success: datetime | None) -> bool:
    """Whether no answered ping came at or after it; otherwise it belongs to an earlier outage."""
    return last_success is None or moment > last_success


def _latest(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((moment for moment in (one, other) if moment is not None), default=None)
