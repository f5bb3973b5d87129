"""Small builders of what is recorded."""

from datetime import UTC, datetime, timedelta

from fleetdash.domain.fleet import Device, Vessel
from fleetdash.domain.pings import PingSummary, VesselAnswer, ping_hours
from fleetdash.domain.runs import Attempt, ErrorKind

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def make_vessel(id: str = "aurora", *addresses: str, name: str | None = None, component: str = "Server") -> Vessel:
    """A vessel with devices of one component."""
    return Vessel(id, name or id.title(), tuple(Device(address, component) for address in addresses))


def reached(vessel_id: str = "aurora", number: int = 1, at: datetime = NOON, backoff: float = 0.0) -> Attempt:
    """An attempt that was answered."""
    return Attempt(vessel_id, number, True, 0.5, backoff, at)


def failed(
    vessel_id: str = "aurora",
    number: int = 1,
    at: datetime = NOON,
    *,
    ended: bool = False,
    kind: ErrorKind = ErrorKind.TIMEOUT,
    backoff: float = 0.0,
) -> Attempt:
    """An attempt that was not."""
    return Attempt(vessel_id, number, False, 30.0, backoff, at, kind, "no complete answer in 30 s", chain_ended=ended)


def answer(*pings: PingSummary, at: datetime = NOON, skew: int = 0) -> VesselAnswer:
    return VesselAnswer(at, pings, skew)


def pinged(
    ip_address: str,
    *,
    at: datetime = NOON,
    last_ping: timedelta | None = timedelta(minutes=1),
    last_answer: timedelta | None = timedelta(minutes=1),
    outage: timedelta | None = None,
    share: float = 1.0,
) -> PingSummary:
    """A device pinged every minute of the day before `at`; the others are ages, `None` means never."""
    day = timedelta(days=1)
    empty = ping_hours(at - day, at, timedelta(minutes=1), {})
    counts = {cell.start: (cell.expected, round(cell.expected * share)) for cell in empty}
    return PingSummary(
        ip_address=ip_address,
        hours=ping_hours(at - day, at, timedelta(minutes=1), counts if last_ping is not None else {}),
        average_response_ms=12.5,
        last_ping_at=None if last_ping is None else at - last_ping,
        last_success_at=None if last_answer is None else at - last_answer,
        first_unanswered_at=None if outage is None else at - outage,
    )


def down_for(ip_address: str, outage: timedelta, *, at: datetime = NOON) -> PingSummary:
    """A device whose pings are fresh and unanswered since a while."""
    return pinged(ip_address, at=at, last_answer=outage + timedelta(minutes=1), outage=outage)
