"""The scheduling lock: exactly one process schedules a database, and its death releases the lock."""

import fcntl
import os
from pathlib import Path
from typing import IO, Protocol

import peewee

from fleetdash.errors import StorageError
from fleetdash.storage.database import connected, drop_broken_connection, explained

_ADVISORY_KEY = 0x666C6565  # "flee": any number that only fleetdash uses


class SchedulingLock(Protocol):
    """Held while a process schedules."""

    def acquire(self) -> bool:
        """Whether this process holds it now; cheap to repeat. Raises `StorageError`."""
        ...

    def release(self) -> None: ...

    def is_held(self) -> bool:
        """Whether any process holds it."""
        ...


class FileLock:
    """For SQLite: the kernel's lock on a file beside the database, released when the process ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[str] | None = None

    def acquire(self) -> bool:
        if self._file is not None:
            return True
        file = self._path.open("a")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        self._file = file
        return True

    def release(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def is_held(self) -> bool:
        if self._file is not None:
            return True
        probe = FileLock(self._path)
        free = probe.acquire()
        probe.release()
        return not free


class AdvisoryLock:
    """For PostgreSQL: an advisory lock, held by a separate connection."""

    def __init__(self, database: peewee.Database) -> None:
        self._database = database
        self._holder: object = None
        """The connection whose session holds the lock."""

    def acquire(self) -> bool:
        """Keeps the calling thread's connection: acquire and release on the scheduling thread.

        The lock ends with its session, so a session that ended, as when PostgreSQL restarts, is noticed here.
        """
        if self._holder is not None and self._session_is_alive():
            return True
        self._holder = None
        try:
            with explained():
                self._database.connect(reuse_if_open=True)
                row = self._database.execute_sql("SELECT pg_try_advisory_lock(%s)", (_ADVISORY_KEY,)).fetchone()
        except StorageError:
            drop_broken_connection(self._database)
            raise
        if row and row[0]:
            self._holder = self._database.connection()
        else:
            self._database.close()
        return self._holder is not None

    def release(self) -> None:
        if self._holder is not None and self._session_is_alive():
            with connected(self._database):
                self._database.execute_sql("SELECT pg_advisory_unlock(%s)", (_ADVISORY_KEY,))
            self._database.close()
        self._holder = None

    def _session_is_alive(self) -> bool:
        if self._database.is_closed() or self._database.connection() is not self._holder:
            return False
        try:
            with connected(self._database):
                self._database.execute_sql("SELECT 1")
        except StorageError:
            drop_broken_connection(self._database)
            return False
        return True

    def is_held(self) -> bool:
        if self._holder is not None:
            return True
        with connected(self._database):
            query = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND database = "
            own = "(SELECT oid FROM pg_database WHERE datname = current_database())"
            return self._database.execute_sql(query + own, (_ADVISORY_KEY,)).fetchone() is not None


def scheduling_lock(database: peewee.Database, sqlite_file: Path | None) -> SchedulingLock:
    """The lock for this kind of database."""
    if sqlite_file is None:
        return AdvisoryLock(database)
    return FileLock(sqlite_file.with_name(sqlite_file.name + ".lock"))
