"""UTC days as the rollups count them, whole days since 1970-01-01, and how a day keeps the durations of its runs."""

from array import array
from collections.abc import Iterable
from datetime import date
from sys import byteorder

DAY_MS = 86_400_000
_EPOCH = date(1970, 1, 1).toordinal()


def day_of_ms(moment: int) -> int:
    """Milliseconds since 1970 -> the number of their day."""
    return moment // DAY_MS


def day_number(day: date) -> int:
    """A date -> its number."""
    return day.toordinal() - _EPOCH


def day_date(number: int) -> date:
    """The inverse of `day_number`."""
    return date.fromordinal(_EPOCH + number)


def pack(durations: Iterable[float]) -> bytes:
    """Seconds -> sorted little-endian doubles."""
    return _little_endian(array("d", sorted(durations))).tobytes()


def unpack(packed: bytes) -> "array[float]":
    """The inverse of `pack`; PostgreSQL returns a memoryview."""
    durations = array("d")
    durations.frombytes(bytes(packed))
    return _little_endian(durations)


def _little_endian(values: "array[float]") -> "array[float]":
    if byteorder == "big":
        values.byteswap()
    return values
