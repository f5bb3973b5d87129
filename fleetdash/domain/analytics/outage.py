"""How long a vessel was out of reach, or a device down."""

from dataclasses import dataclass
from datetime import datetime

from fleetdash.domain.status import SyncStatus


@dataclass(frozen=True, slots=True)
class Outage:
    """A vessel that was not reached, or a device that was confirmed down; `ended_at` `None`: not over yet.

    It may have begun before the period, and may have ended after it. `seconds` counts only what lies within the period,
    `lasted_seconds` all of it up to its end, or to now. `began_is_bound`: it began at `began_at` or earlier.
    """

    vessel_id: str
    name: str
    ip_address: str | None
    component: str | None
    began_at: datetime
    ended_at: datetime | None
    seconds: float
    lasted_seconds: float
    began_is_bound: bool = False


def beginning(
    noticed_at: datetime, before: SyncStatus | None, down_since: datetime | None, *, is_bound: bool
) -> tuple[datetime, bool]:
    """When a device went down, and whether it may have been earlier.

    `noticed_at`: the run that found it down, with the status `before`. `down_since`, of a device that is down now, is
    what its vessel recorded, as a bound or not.
    """
    if down_since is None:
        return noticed_at, before in (None, SyncStatus.NO_HISTORY)
    return (min(noticed_at, down_since), True) if is_bound else (down_since, False)
