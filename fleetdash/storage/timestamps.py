"""Times are stored as integer milliseconds UTC: PostgreSQL would convert datetimes to the session's zone."""

from datetime import UTC, datetime, timedelta
from typing import overload

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


@overload
def to_ms(moment: datetime) -> int: ...
@overload
def to_ms(moment: None) -> None: ...
def to_ms(moment: datetime | None) -> int | None:
    """Aware datetime -> milliseconds since 1970, in integer arithmetic."""
    return None if moment is None else (moment - _EPOCH) // _MILLISECOND


@overload
def from_ms(value: int) -> datetime: ...
@overload
def from_ms(value: None) -> None: ...
def from_ms(value: int | None) -> datetime | None:
    """Milliseconds since 1970 -> aware datetime in UTC."""
    return None if value is None else _EPOCH + value * _MILLISECOND
