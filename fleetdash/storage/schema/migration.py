"""Brings the database to the newest schema, completely or not at all, with a copy from before."""

import logging
import sqlite3
from contextlib import closing
from pathlib import Path

import peewee
from playhouse.migrations import Migration, Runner

from fleetdash.errors import StorageError
from fleetdash.storage.error_messages import explain

log = logging.getLogger(__name__)


_QUICKLY_CHECKED_BYTES = 64 * 1024 * 1024
"""A larger file would take seconds to check at every start; damage in it is noticed when it is read."""


def apply_missing(database: peewee.Database, migrations: Path) -> list[str]:
    """Apply the missing migrations, each in its own transaction; returns their names.

    An SQLite database that has data is copied before each; PostgreSQL's operator has pg_dump.
    """
    runner = Runner(database, directory=str(migrations))
    found = runner.status()
    unknown = [migration.name for migration in found if migration.path is None]
    if unknown:
        raise StorageError(
            f"the database is newer than this program (it has {', '.join(unknown)}): "
            "start the version that wrote it, or a newer one; or restore the copy made before it was migrated"
        )
    missing = [migration for migration in found if not migration.applied]
    for migration in missing:
        _apply(runner, migration, _copy(database, migration.name) if len(missing) < len(found) else None)
    if missing and isinstance(database, peewee.SqliteDatabase):
        # returns dropped pages to the file system, which is impossible within the transaction
        release_free_pages(database)
    return [migration.name for migration in missing]


def _apply(runner: Runner, migration: Migration, copy: Path | None) -> None:
    try:
        runner.up(migration.name)
    except Exception as error:  # a migration may fail in any way, and leaves the database as it was
        log.debug("migration %s failed", migration.name, exc_info=True)
        reason = explain(error) if isinstance(error, peewee.PeeweeException) else f"{type(error).__name__}: {error}"
        raise StorageError(
            f"migration {migration.name} failed, and the database is as it was before it ({reason}). Start the version "
            f"that wrote the database{f'; a copy is in {copy}' if copy else ''}"
        ) from error
    log.info("migrated the database: %s%s", migration.name, f"; a copy from before is in {copy}" if copy else "")


def _copy(database: peewee.Database, name: str) -> Path | None:
    """A consistent copy, also while others read and write."""
    if not isinstance(database, peewee.SqliteDatabase):
        return None
    path = Path(f"{database.database}.before-{name}")
    unfinished = path.with_name(path.name + ".unfinished")
    try:
        with closing(sqlite3.connect(unfinished)) as copy:
            database.connection().backup(copy)
        unfinished.replace(path)
    except (OSError, sqlite3.Error) as error:
        unfinished.unlink(missing_ok=True)
        raise StorageError(
            f"no copy of the database could be made before migration {name}, so it was not begun: {error}; "
            f"make room for {path}"
        ) from error
    return path


def release_free_pages(database: peewee.SqliteDatabase, most: int = 0) -> None:
    """Shrink the file by its free pages, or by some of them; not within a transaction."""
    # each step of the statement frees a page, and `execute` takes only one step of a statement without columns
    database.connection().executescript(f"PRAGMA incremental_vacuum({most})")


def refuse_damaged(database: peewee.Database) -> None:
    """Check an SQLite file's structure, without the contents of indexes, which would take long."""
    if not isinstance(database, peewee.SqliteDatabase):
        return
    if Path(database.database).stat().st_size > _QUICKLY_CHECKED_BYTES:
        return
    findings = [str(row[0]) for row in database.execute_sql("PRAGMA quick_check(1)")]
    if findings != ["ok"]:
        raise StorageError(
            f"the database file {database.database} is damaged ({findings[0].splitlines()[-1]}): move it away and "
            "restore a backup, or start with a new one"
        )
