"""Opens the database, and brings it to the newest schema."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit

import peewee
from playhouse.pool import PooledDatabase, PooledPostgresqlDatabase, PooledSqliteDatabase

from fleetdash.errors import ConfigurationError, StorageError
from fleetdash.resources import MIGRATIONS
from fleetdash.storage import schema
from fleetdash.storage.error_messages import explain
from fleetdash.storage.wal import WAL_BYTES


class Failures:
    """Database errors in this process; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.count = 0

    def add(self) -> None:
        with self._lock:
            self.count += 1


failures = Failures()

_BUSY_TIMEOUT_MS = 5_000
_MAX_CONNECTIONS = 32
_SQLITE_PRAGMAS = {
    # only takes effect before WAL and the first table, so it comes first
    "auto_vacuum": "incremental",
    "journal_mode": "wal",
    # an attempt survives a power cut; 66 commits per run cost little
    "synchronous": "full",
    "foreign_keys": 1,
    "busy_timeout": _BUSY_TIMEOUT_MS,
    "journal_size_limit": WAL_BYTES,
    # kB per connection: the kernel caches the file once for all, and 2 MB each would grow for days
    "cache_size": -256,
}


def open_database(url: str, password: str | None = None) -> peewee.Database:
    """Bind the models to the database at `url`; each thread connects lazily, from a pool."""
    parts = urlsplit(url)
    database: peewee.Database
    if parts.scheme == "sqlite":
        database = PooledSqliteDatabase(
            str(sqlite_file(url)),
            pragmas=_SQLITE_PRAGMAS,
            max_connections=_MAX_CONNECTIONS,
            timeout=10,
            # a connection is used by one thread at a time, but not always by the same
            check_same_thread=False,
        )
    else:
        if find_spec("psycopg") is None:
            raise ConfigurationError('database.url: PostgreSQL needs its driver: pip install "fleetdash[postgres]"')
        database = PooledPostgresqlDatabase(
            unquote(parts.path.lstrip("/")),
            user=unquote(parts.username) if parts.username else None,
            password=password,
            host=parts.hostname,
            port=parts.port or 5432,
            prefer_psycopg3=True,
            connect_timeout=5,
            # also bounds the wait for a host that vanished
            tcp_user_timeout=5_000,
            max_connections=_MAX_CONNECTIONS,
            timeout=10,
        )
    schema.database.initialize(database)
    return database


def close_database(database: peewee.Database) -> None:
    """Close every thread's connection."""
    if isinstance(database, PooledDatabase):
        database.close_all()


def sqlite_file(url: str) -> Path | None:
    """The file of an sqlite URL; `None` for another database."""
    parts = urlsplit(url)
    return Path(unquote(parts.path[1:])) if parts.scheme == "sqlite" else None


@contextmanager
def connected(database: peewee.Database) -> Iterator[None]:
    """A connection for the block; database errors become `StorageError`.

    Nested blocks share the outer one's connection, which peewee would close.
    """
    with explained(), nullcontext() if not database.is_closed() else database.connection_context():
        yield


@contextmanager
def explained() -> Iterator[None]:
    """Database errors in the block become `StorageError`."""
    try:
        yield
    except (peewee.DatabaseError, peewee.InterfaceError, sqlite3.Error, OSError) as error:
        failures.add()
        raise StorageError(explain(error)) from error


@contextmanager
def writing(database: peewee.Database, lock_timeout_ms: int | None = None) -> Iterator[None]:
    """One write transaction; inside another one, a part of it.

    `lock_timeout_ms`: how long to wait for locks of other programs, where that is less than usual.
    """
    with connected(database):
        if database.in_transaction():
            yield
            return
        # SQLite would begin the transaction as a reader, and fail at once when it then writes
        options = ("IMMEDIATE",) if isinstance(database, peewee.SqliteDatabase) else ()
        with _busy_timeout(database, lock_timeout_ms), database.atomic(*options):
            if lock_timeout_ms is not None and not options:
                database.execute_sql(f"SET LOCAL lock_timeout = {lock_timeout_ms}")
            yield


@contextmanager
def _busy_timeout(database: peewee.Database, lock_timeout_ms: int | None) -> Iterator[None]:
    """SQLite's lock timeout belongs to the connection, not to a transaction."""
    if lock_timeout_ms is None or not isinstance(database, peewee.SqliteDatabase):
        yield
        return
    database.execute_sql(f"PRAGMA busy_timeout = {lock_timeout_ms}")
    try:
        yield
    finally:
        database.execute_sql(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}")


def drop_broken_connection(database: peewee.Database) -> None:
    """Drop this thread's connection when its server is gone, so that the next block connects again."""
    with suppress(peewee.PeeweeException):
        broken = not database.is_closed() and not database.is_connection_usable()
        if broken and isinstance(database, PooledDatabase):
            database.manual_close()  # in the pool it would be used again


def migrate(database: peewee.Database, migrations: Path = MIGRATIONS) -> list[str]:
    """Refuse a damaged database, or one newer than this program; apply the missing migrations."""
    with connected(database):
        schema.refuse_damaged(database)
        return schema.apply_missing(database, migrations)
