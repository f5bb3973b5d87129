"""Sums over days of any period, read as its whole weeks and the days around them: ten years cost 500 weeks.

What was read of whole weeks is kept, for whoever reads them next, until one of them is written again.

The statements are written out, and once: peewee takes as long over such a one as the database does.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from operator import add
from typing import Any, NamedTuple, TypeVar

from fleetdash.storage import statements
from fleetdash.storage.rollups.days import day_number, monday_of, week_of
from fleetdash.storage.schema.models import database

_NONE = (0, -1)


@dataclass(frozen=True, slots=True)
class Cover:
    """A period as whole weeks and days before and after them; first and last of each, out of order for none."""

    weeks: tuple[int, int]
    before: tuple[int, int]
    after: tuple[int, int]


def cover(first: date, last: date, *, by_days: bool = False) -> Cover:
    """`by_days`: by single days, however many."""
    start, end = day_number(first), day_number(last)
    # the last week by days also where it is whole: on a Sunday it is written after each run
    first_week, last_week = week_of(start + 6), week_of(end) - 1
    if by_days or first_week > last_week:
        return Cover(_NONE, (start, end), _NONE)
    return Cover((first_week, last_week), (start, monday_of(first_week) - 1), (monday_of(last_week) + 7, end))


Row = tuple[Any, ...]
_T = TypeVar("_T")
_Make = Callable[[list[Row]], Iterable[_T]]


class Parts(NamedTuple):
    """Statements for the rows of whole weeks, and for those of the days around them."""

    weeks: str
    days: str

    def rows(self, over: Cover) -> list[Row]:
        """Those of weeks, then those of days."""
        return self.read(over, _as_they_are)

    def read(self, over: Cover, make: _Make[_T]) -> list[_T]:
        """What a function of a module's own makes of the rows of weeks, then of those of days."""
        written = tuple(read(_WRITTEN, *over.weeks)) if over.weeks != _NONE else ()
        of_weeks = kept(self.weeks, make, written) if written else ()
        return [*of_weeks, *make(read(self.days, *over.before, *over.after))]


_WRITTEN = "SELECT week, written FROM run_weeks WHERE week BETWEEN ? AND ? ORDER BY week"
_MOST_KEPT = 32
"""A page of a long period has ten: three such pages."""


@lru_cache(_MOST_KEPT)
def kept(sql: str, make: _Make[_T], written: tuple[Row, ...]) -> tuple[_T, ...]:
    """Of weeks, some of which were `written`, each with a number that no other writing has."""
    # the rows may be newer than the numbers, never older: nobody comes with these numbers again
    return tuple(make(read(sql, written[0][0], written[-1][0])))


def _as_they_are(rows: list[Row]) -> list[Row]:
    return rows


def parts(weeks: str, days: str, group: str = "") -> Parts:
    """`weeks` and `days` each select rows, without a condition; `group`: what comes after it."""
    return Parts(
        f"{weeks} WHERE week BETWEEN ? AND ? {group}",
        f"{days} WHERE day BETWEEN ? AND ? OR day BETWEEN ? AND ? {group}",
    )


def by_vessel(weeks: str, days: str, sums: Sequence[str], newest: tuple[str, str] = ("NULL", "NULL")) -> Parts:
    """Statements for `vessel_id`, the sums of columns of two tables, and `newest`; `vessel_sums` takes their rows.

    `newest`: of what the largest value comes last, in the table of weeks and in that of days.
    """
    columns = ", ".join(("vessel_id", *(f"SUM({name})" for name in sums)))
    of_weeks, of_days = (f"SELECT {columns}, MAX({value})" for value in newest)
    return parts(f"{of_weeks} FROM {weeks}", f"{of_days} FROM {days}", "GROUP BY vessel_id")


def vessel_sums(of: Parts, over: Cover) -> list[Row]:
    """A row a vessel, of the statements of `by_vessel`: its weeks and days added up."""
    found: dict[str, Row] = {}
    for row in of.rows(over):
        known = found.get(row[0])
        found[row[0]] = row if known is None else _added(known, row)
    return list(found.values())


def _added(one: Row, other: Row) -> Row:
    newest = other[-1] if one[-1] is None else one[-1] if other[-1] is None else max(one[-1], other[-1])
    return (one[0], *map(add, one[1:-1], other[1:-1]), newest)


def read(sql: str, *values: object) -> list[Row]:
    """The rows as the driver hands them out; a value for every `?`."""
    rows: list[Row] = statements.run(database, sql, *values).fetchall()
    return rows
