"""Transactions that read before they write."""

from collections.abc import Iterator
from contextlib import contextmanager

import peewee

from fleetdash.storage.database import connected


@contextmanager
def reading_then_writing(database: peewee.Database) -> Iterator[None]:
    """A transaction that takes SQLite's write lock at once.

    One that takes it only at its first write fails, without waiting, when another writer came in between.
    """
    begin = ("IMMEDIATE",) if isinstance(database, peewee.SqliteDatabase) else ()
    with connected(database), database.atomic(*begin):
        yield
