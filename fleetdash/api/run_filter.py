"""The query string of the run log, as JSON and as CSV."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema, field_validator
from pydantic_core import PydanticCustomError

from fleetdash.domain.run_filter import RunFilter, parse_moment
from fleetdash.domain.runs import RunStatus, Trigger

VESSEL_ID = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
"""The ids that the fleet file accepts."""


def _utc(text: Any) -> datetime:
    try:
        return parse_moment(text)
    except (TypeError, ValueError):
        raise PydanticCustomError(
            "iso_time", "must be an ISO 8601 time such as 2026-11-23T13:05:00Z; a + in it is sent as %2B"
        ) from None


QueryMoment = Annotated[
    datetime,
    BeforeValidator(_utc),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-11-23T13:05:00Z"]}),
]


def _null_is_sent_as_empty(schema: dict[str, Any]) -> None:
    """A query string has no null."""
    schema["anyOf"] = [{"const": ""} if kind == {"type": "null"} else kind for kind in schema["anyOf"]]


def _cursor_pattern(schema: dict[str, Any]) -> None:
    """Documented, but not enforced here: the error that the query raises for a bad cursor says more."""
    _null_is_sent_as_empty(schema)
    schema["anyOf"][0]["pattern"] = "^(after|before)-[0-9]{1,9}$"


def _any(description: str, **limits: Any) -> Any:
    return Field(default=None, description=description, **{"json_schema_extra": _null_is_sent_as_empty} | limits)


class RunPageQuery(BaseModel):
    """The run log's filter and page; absent or empty means any."""

    limit: int = Field(default=20, ge=1, le=100, description="Runs per page.")
    cursor: str | None = _any("`next_cursor` of the previous page.", max_length=200, json_schema_extra=_cursor_pattern)
    status: RunStatus | None = _any("Runs with this status.")
    trigger: Trigger | None = _any("Runs with this trigger.")
    vessel_id: str | None = _any("Runs in which this vessel was asked.", pattern=VESSEL_ID)
    since: QueryMoment | None = _any("Runs that started at this time or later.")
    until: QueryMoment | None = _any("Runs that started before this time.")

    @field_validator("cursor", "status", "trigger", "vessel_id", "since", "until", mode="before")
    @classmethod
    def _empty_is_absent(cls, value: Any) -> Any:
        """A form sends its empty fields too."""
        return None if value == "" else value

    @property
    def filter(self) -> RunFilter:
        return RunFilter(self.status, self.trigger, self.vessel_id, self.since, self.until)
