"""The base of the API's models: fields read from the domain's dataclasses by name, times in UTC with `Z`."""

from dataclasses import fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, PlainSerializer, WithJsonSchema

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def utc_text(moment: datetime) -> str:
    """ISO 8601 in UTC with milliseconds: `2026-11-23T13:05:00.000Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


Moment = Annotated[
    AwareDatetime,
    PlainSerializer(utc_text, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-11-23T13:05:00.000Z"]}),
]


class ApiModel(BaseModel):
    """Built with `Model.model_validate(dataclass)`: fields are named as in the domain."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


def fields_of(value: "DataclassInstance") -> dict[str, Any]:
    """A dataclass's fields by name, the values as they are."""
    return {field.name: getattr(value, field.name) for field in fields(value)}
