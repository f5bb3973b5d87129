"""SQLite's write-ahead log: a long read makes it grow, and SQLite alone would keep it at that size."""

import logging
import sqlite3
from contextlib import closing
from pathlib import Path

import peewee

log = logging.getLogger(__name__)

WAL_BYTES = 4 * 1024 * 1024
"""What a run of a large fleet needs; beyond it SQLite truncates the file when it starts it from the beginning."""

_BUSY_SECONDS = 0.5


def bound_wal(database: peewee.Database) -> None:
    """Empty the log where it is larger than it should be, unless a reader still needs it. Cheap otherwise."""
    file = _wal_file(database)
    if file is not None and file.exists() and file.stat().st_size > WAL_BYTES:
        _checkpoint(file, 0)


def fold_wal(database: peewee.Database) -> None:
    """Write all of the log into the database file and empty it: that file alone is then the whole database."""
    file = _wal_file(database)
    if file is not None and file.exists():
        _checkpoint(file, _BUSY_SECONDS)


def _wal_file(database: peewee.Database) -> Path | None:
    return Path(f"{database.database}-wal") if isinstance(database, peewee.SqliteDatabase) else None


def _checkpoint(wal: Path, busy_seconds: float) -> None:
    """Over a separate connection: those of the pool wait longer, and may be in a transaction."""
    try:
        with closing(sqlite3.connect(str(wal).removesuffix("-wal"), timeout=busy_seconds)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.Error as error:  # it is tried again, and nothing is lost meanwhile
        log.debug("the write-ahead log was not emptied: %s", error)
