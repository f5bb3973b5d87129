"""Sums over days of any period, read as its whole weeks and the days around them: ten years cost 500 weeks.

The statements are written out, and once: peewee takes as long over such a one as the database does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from fleetdash.storage.days import day_number, monday_of, week_of
from fleetdash.storage.models import database

_NONE = (0, -1)


@dataclass(frozen=True, slots=True)
class Cover:
    """A period as whole weeks and days before and after them; first and last of each, out of order for none."""

    weeks: tuple[int, int]
    before: tuple[int, int]
    after: tuple[int, int]

    @property
    def bounds(self) -> tuple[int, ...]:
        """What a statement of `union` takes."""
        return (*self.weeks, *self.before, *self.after)


def cover(first: date, last: date, *, by_days: bool = False) -> Cover:
    """`by_days`: by single days, however many."""
    start, end = day_number(first), day_number(last)
    first_week, last_week = week_of(start + 6), week_of(end + 1) - 1
    if by_days or first_week > last_week:
        return Cover(_NONE, (start, end), _NONE)
    return Cover((first_week, last_week), (start, monday_of(first_week) - 1), (monday_of(last_week) + 7, end))


def union(weeks: str, days: str) -> str:
    """Rows of weeks, then of days: `weeks` and `days` each select them, without a condition."""
    return (
        f"{weeks} WHERE week BETWEEN ? AND ? UNION ALL "
        f"{days} WHERE day BETWEEN ? AND ? UNION ALL {days} WHERE day BETWEEN ? AND ?"
    )


def by_vessel(weeks: str, days: str, sums: Sequence[str], newest: tuple[str, str] | None = None) -> str:
    """The statement for `vessel_id` and the sums of columns of two tables.

    `newest`: of what the largest value comes last, in the table of weeks and in that of days.
    """
    columns = f"vessel_id, {', '.join(sums)}"
    of_weeks, of_days = (f", {value} AS newest" for value in newest) if newest else ("", "")
    parts = union(f"SELECT {columns}{of_weeks} FROM {weeks}", f"SELECT {columns}{of_days} FROM {days}")
    totals = ", ".join(f"SUM({name})" for name in sums)
    last = ", MAX(newest)" if newest else ""
    return f"SELECT vessel_id, {totals}{last} FROM ({parts}) AS parts GROUP BY vessel_id"


def read(sql: str, *values: object) -> list[tuple[Any, ...]]:
    """The rows as the driver hands them out; a value for every `?`."""
    rows: list[tuple[Any, ...]] = database.execute_sql(sql.replace("?", database.param), values).fetchall()
    return rows
