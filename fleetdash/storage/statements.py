"""SQL of statements that a run executes by the thousand: peewee takes longer to write it than SQLite to run it."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import peewee

Row = dict[str, Any]
"""Column -> value; all rows of a call have the same columns."""

_MOST_ROWS = 500
"""SQLite takes 32,766 values in a statement, PostgreSQL 65,535."""


def insert(database: peewee.Database, model: type[peewee.Model], rows: Sequence[Row]) -> None:
    """Add rows."""
    _execute(database, model, rows, ())


def upsert(database: peewee.Database, model: type[peewee.Model], rows: Sequence[Row], *key: str) -> None:
    """Add rows, or replace everything but the `key` columns of existing ones."""
    _execute(database, model, rows, key)


def add(database: peewee.Database, model: type[peewee.Model], key: int, amounts: Row) -> None:
    """Add to numbers in one row."""
    sql = _addition(model._meta.table_name, tuple(amounts), database.param)
    database.execute_sql(sql, (*amounts.values(), key))


def run(database: peewee.Database | peewee.DatabaseProxy, sql: str, *values: object) -> Any:
    """Execute SQL with a `?` per value; returns the driver's cursor."""
    return database.execute_sql(sql.replace("?", database.param), values)


def _execute(database: peewee.Database, model: type[peewee.Model], rows: Sequence[Row], key: tuple[str, ...]) -> None:
    for start in range(0, len(rows), _MOST_ROWS):
        batch = rows[start : start + _MOST_ROWS]
        sql = _sql(model._meta.table_name, tuple(batch[0]), len(batch), key, database.param)
        database.execute_sql(sql, [value for row in batch for value in row.values()])


@cache
def _sql(table: str, columns: tuple[str, ...], rows: int, key: tuple[str, ...], placeholder: str) -> str:
    names = ", ".join(f'"{column}"' for column in columns)
    values = ", ".join([f"({', '.join([placeholder] * len(columns))})"] * rows)
    sql = f'INSERT INTO "{table}" ({names}) VALUES {values}'
    if not key:
        return sql
    conflict = ", ".join(f'"{column}"' for column in key)
    changes = ", ".join(f'"{column}" = EXCLUDED."{column}"' for column in columns if column not in key)
    return f"{sql} ON CONFLICT ({conflict}) DO UPDATE SET {changes}"


@cache
def _addition(table: str, columns: tuple[str, ...], placeholder: str) -> str:
    sums = ", ".join(f'"{column}" = "{column}" + {placeholder}' for column in columns)
    return f'UPDATE "{table}" SET {sums} WHERE id = {placeholder}'
