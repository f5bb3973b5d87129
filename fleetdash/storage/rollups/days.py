"""UTC days as the rollups count them, whole days since 1970-01-01; and weeks, which begin on Mondays."""

from array import array
from collections.abc import Iterable
from datetime import date
from sys import byteorder

DAY_MS = 86_400_000
_EPOCH = date(1970, 1, 1).toordinal()


def day_of_ms(moment: int) -> int:
    return moment // DAY_MS


def day_number(day: date) -> int:
    return day.toordinal() - _EPOCH


def day_date(number: int) -> date:
    return date.fromordinal(_EPOCH + number)


def week_of(day: int) -> int:
    """Weeks are counted from the one that 1970-01-01, a Thursday, lies in."""
    return (day + 3) // 7


def monday_of(week: int) -> int:
    """A week's first day."""
    return 7 * week - 3


WEEK_OF_DAY, MONDAY_OF_WEEK = "(day + 3) / 7", "7 * week - 3"
"""The same in SQL, of columns of these names: whole numbers, so that both databases round down."""


def pack(durations: Iterable[float]) -> bytes:
    """Sorted, as little-endian doubles."""
    return _little_endian(array("d", sorted(durations))).tobytes()


def unpack(packed: bytes) -> "array[float]":
    """The other way; PostgreSQL hands out a memoryview."""
    durations = array("d")
    durations.frombytes(bytes(packed))
    return _little_endian(durations)


def _little_endian(values: "array[float]") -> "array[float]":
    if byteorder == "big":
        values.byteswap()
    return values
