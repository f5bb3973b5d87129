"""The filter of runs, for the API, the page and the queries."""

from dataclasses import dataclass
from datetime import UTC, datetime

from fleetdash.domain.runs import RunStatus, Trigger


@dataclass(frozen=True, slots=True)
class RunFilter:
    """`None` means any. Times bound the start: since <= start < until; a vessel is one that was asked in the run."""

    status: RunStatus | None = None
    trigger: Trigger | None = None
    vessel_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


ALL_RUNS = RunFilter()


def parse_moment(text: str) -> datetime:
    """ISO 8601 -> UTC; a time without a zone is UTC, a date its midnight. Raises `ValueError`."""
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError as error:
        raise ValueError(str(error)) from error
