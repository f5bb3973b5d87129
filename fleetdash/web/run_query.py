"""Which runs the page's address asks for; its keys are those of the API."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from fleetdash.domain.run_filter import RunFilter, parse_moment
from fleetdash.domain.runs import RunStatus, Trigger
from fleetdash.web.paths import query_value


@dataclass(frozen=True, slots=True)
class RunQuery(RunFilter):
    """A filter as typed, `vessel_id` being an id or a name, and the place in the log."""

    cursor: str | None = None

    @property
    def query(self) -> dict[str, str]:
        """The filter as a query string's keys and values."""
        values = {
            "status": self.status,
            "trigger": self.trigger,
            "vessel_id": self.vessel_id,
            "since": _written(self.since),
            "until": _written(self.until),
        }
        return {key: str(value) for key, value in values.items() if value}

    def resolved(self, names: Mapping[str, str]) -> RunFilter | None:
        """The filter with the vessel's id, by its id or else its name; `None` where no vessel has either."""
        vessel_id = self.vessel_id
        if vessel_id is not None and vessel_id not in names:
            typed = vessel_id.casefold()
            vessel_id = next((id for id, name in names.items() if name.casefold() == typed), None)
            if vessel_id is None:
                return None
        return RunFilter(self.status, self.trigger, vessel_id, self.since, self.until)


def read(search: str) -> RunQuery:
    """The query string of the run log; values that cannot be read are ignored."""
    status, trigger = query_value(search, "status"), query_value(search, "trigger")
    return RunQuery(
        status=RunStatus(status) if status in set(RunStatus) else None,
        trigger=Trigger(trigger) if trigger in set(Trigger) else None,
        vessel_id=query_value(search, "vessel_id") or None,
        since=_moment(query_value(search, "since")),
        until=_moment(query_value(search, "until")),
        cursor=query_value(search, "cursor") or None,
    )


def _moment(text: str) -> datetime | None:
    try:
        return parse_moment(text)
    except ValueError:
        return None


def _written(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%dT%H:%M}Z" if moment else ""
