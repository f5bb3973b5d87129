"""The part of InfluxQL that vessels are asked in: text -> `Select`. Anything else is InfluxDB's parse error."""

import re
from dataclasses import dataclass
from datetime import datetime
from math import nan

from fleetdash.demo.tokens import Cursor

SECOND = 1_000_000_000
_HOUR = 3600 * SECOND
_UNITS = {"ns": 1, "u": 1_000, "µ": 1_000, "ms": 1_000_000, "s": SECOND, "m": 60 * SECOND, "h": _HOUR}
_UNITS |= {"d": 24 * _HOUR, "w": 7 * 24 * _HOUR}
_DURATION = re.compile(r"(\d+)(ns|ms|[uµsmhdw])")
_LOWER, _UPPER = (">", ">="), ("<", "<=")


@dataclass(frozen=True, slots=True)
class Condition:
    """A comparison; with a string when `subject` is a tag, with a number when it is a field."""

    subject: str
    operator: str
    literal: float | str


@dataclass(frozen=True, slots=True)
class Select:
    """One statement. All times are nanoseconds; the bounds are [start, end).

    `function` is `None` for raw points, whose `fields` may be `("*",)`; `interval` and `offset` are those of `time()`.
    """

    fields: tuple[str, ...]
    measurement: str
    function: str | None = None
    start: int | None = None
    end: int | None = None
    conditions: tuple[Condition, ...] = ()
    interval: int | None = None
    offset: int = 0
    tags: tuple[str, ...] = ()


def parse(text: str, now: datetime) -> list[Select]:
    """The statements of one request; raises `ParseError`."""
    cursor = Cursor(text)
    selects = []
    while cursor.ahead.kind != "end":
        selects.append(_Statement(cursor, now).select())
        if cursor.ahead.kind != "end":
            cursor.expect(";")
    return selects


class _Statement:
    def __init__(self, cursor: Cursor, now: datetime) -> None:
        self._cursor = cursor
        self._now = now
        self._start: int | None = None
        self._end: int | None = None
        self._conditions: list[Condition] = []

    def select(self) -> Select:
        self._cursor.expect("SELECT")
        function, fields = self._selection()
        self._cursor.expect("FROM")
        measurement = self._cursor.name()
        self._where()
        interval, offset, tags = self._group_by()
        return Select(
            fields, measurement, function, self._start, self._end, tuple(self._conditions), interval, offset, tags
        )

    def _selection(self) -> tuple[str | None, tuple[str, ...]]:
        if self._cursor.symbol("*"):
            return None, ("*",)
        names = self._cursor.listed(self._cursor.name)
        if len(names) > 1 or not self._cursor.symbol("("):
            return None, names
        argument = self._cursor.name()
        self._cursor.expect(")")
        return names[0].lower(), (argument,)

    def _where(self) -> None:
        if not self._cursor.word("WHERE"):
            return
        self._condition()
        while self._cursor.word("AND"):
            self._condition()

    def _condition(self) -> None:
        subject = self._cursor.name()
        operator = self._cursor.take("symbol").text
        if subject.lower() == "time":
            self._bound(operator, self._moment())
            return
        literal = self._cursor.take("string", "number", "name", "word")
        if literal.kind == "string":
            value: float | str = literal.text
        else:  # "x" in double quotes is another field, which nothing equals
            value = float(literal.text) if literal.kind == "number" else nan
        self._conditions.append(Condition(subject, operator, value))

    def _bound(self, operator: str, moment: int) -> None:
        if operator in _LOWER:
            self._start = moment + (operator == ">")
        elif operator in _UPPER:
            self._end = moment + (operator == "<=")
        else:
            raise self._cursor.unexpected("a range of time")

    def _moment(self) -> int:
        if not self._cursor.word("NOW"):
            literal = self._cursor.take("duration", "number")  # a bare integer is nanoseconds
            return _nanoseconds(literal.text) if literal.kind == "duration" else int(float(literal.text))
        self._cursor.expect("(")
        self._cursor.expect(")")
        now = int(self._now.timestamp()) * SECOND
        if self._cursor.ahead.kind == "duration":  # "now()-1h" without blanks
            return now + self._duration()
        return now - self._duration() if self._cursor.symbol("-") else now

    def _group_by(self) -> tuple[int | None, int, tuple[str, ...]]:
        if not self._cursor.word("GROUP"):
            return None, 0, ()
        self._cursor.expect("BY")
        dimensions = self._cursor.listed(self._dimension)
        tags = tuple(dimension for dimension in dimensions if isinstance(dimension, str))
        interval, offset = next((time for time in dimensions if not isinstance(time, str)), (None, 0))
        self._fill_none(required=interval is not None)
        return interval, offset, tags

    def _dimension(self) -> str | tuple[int, int]:
        if self._cursor.symbol("*"):
            return "*"
        name = self._cursor.name()
        if name.lower() != "time" or not self._cursor.symbol("("):
            return name
        interval = self._duration()
        offset = self._duration() if self._cursor.symbol(",") else 0
        self._cursor.expect(")")
        return interval, offset

    def _fill_none(self, *, required: bool) -> None:
        """The only filling that is simulated."""
        if self._cursor.word("FILL"):
            for text in ("(", "NONE", ")"):
                self._cursor.expect(text)
        elif required:
            raise self._cursor.unexpected("fill(none)")

    def _duration(self) -> int:
        return _nanoseconds(self._cursor.take("duration").text)


def _nanoseconds(duration: str) -> int:
    total = sum(int(count) * _UNITS[unit] for count, unit in _DURATION.findall(duration))
    return -total if duration.startswith("-") else total
