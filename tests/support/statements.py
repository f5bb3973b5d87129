"""Which statements a piece of code sends to the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import peewee
import pytest


@contextmanager
def statements_sent(database: peewee.Database) -> Iterator[list[tuple[str, Any]]]:
    """SQL and parameters of each, while the block lasts."""
    sent: list[tuple[str, Any]] = []
    execute = database.execute_sql

    def noting(sql: str, params: Any = None, *more: Any) -> Any:
        sent.append((sql, params))
        return execute(sql, params, *more)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(database, "execute_sql", noting)
        yield sent
