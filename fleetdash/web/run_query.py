"""Which runs the address asks for; the page's keys are those of the API."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from fleetdash.domain.runs import RunStatus, Trigger
from fleetdash.web.paths import query_value


@dataclass(frozen=True, slots=True)
class RunQuery:
    """Read from the query string; what cannot be read there is not asked for. `vessel`: an id or a name, as typed."""

    status: RunStatus | None = None
    trigger: Trigger | None = None
    vessel: str = ""
    since: datetime | None = None
    until: datetime | None = None
    cursor: str | None = None

    @property
    def filters(self) -> dict[str, str]:
        """The query string again, without the place in the log."""
        values = {
            "status": self.status,
            "trigger": self.trigger,
            "vessel_id": self.vessel,
            "since": _written(self.since),
            "until": _written(self.until),
        }
        return {key: str(value) for key, value in values.items() if value}

    def vessel_id(self, names: Mapping[str, str]) -> str | None:
        """The vessel that is meant, by its id or else by its name; `None` where there is none."""
        if self.vessel in names:
            return self.vessel
        return next((id for id, name in names.items() if name.casefold() == self.vessel.casefold()), None)


def read(search: str) -> RunQuery:
    """Of the run log's address."""
    status, trigger = query_value(search, "status"), query_value(search, "trigger")
    return RunQuery(
        status=RunStatus(status) if status in set(RunStatus) else None,
        trigger=Trigger(trigger) if trigger in set(Trigger) else None,
        vessel=query_value(search, "vessel_id"),
        since=_moment(query_value(search, "since")),
        until=_moment(query_value(search, "until")),
        cursor=query_value(search, "cursor") or None,
    )


def _moment(text: str) -> datetime | None:
    """ISO 8601; without a zone it is UTC."""
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _written(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%dT%H:%M}Z" if moment else ""
