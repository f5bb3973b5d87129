"""Opening our database, and bringing it to the newest schema."""

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
from fleetdash.storage.error_messages import explain
from fleetdash.storage.schema import migration, models
from fleetdash.storage.wal import WAL_BYTES


class Failures:
    """How often the database failed this process; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.count = 0

    def note(self) -> None:
        with self._lock:
            self.count += 1


failures = Failures()

_BUSY_TIMEOUT_MS = 5_000
_MAX_CONNECTIONS = 32
_SQLITE_PRAGMAS = {
    # only takes effect before WAL and the first table, so it stands first
    "auto_vacuum": "incremental",
    "journal_mode": "wal",
    # an attempt survives a power cut; 66 commits a run cost nothing
    "synchronous": "full",
    "foreign_keys": 1,
    "busy_timeout": _BUSY_TIMEOUT_MS,
    "journal_size_limit": WAL_BYTES,
    # kB, of each connection's own: the kernel keeps the file once for all, and 2 MB each would fill for days
    "cache_size": -256,
}


def open_database(url: str, password: str | None = None) -> peewee.Database:
    """Bind the models to the database at `url`; connects lazily, each thread taking from a pool."""
    parts = urlsplit(url)
    database: peewee.Database
    if parts.scheme == "sqlite":
        database = PooledSqliteDatabase(
            str(sqlite_file(url)),
            pragmas=_SQLITE_PRAGMAS,
            max_connections=_MAX_CONNECTIONS,
            timeout=10,
            # the pool hands a connection to one thread at a time, but not always to the same
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
            # a host that vanished without a word is given up after as long
            tcp_user_timeout=5_000,
            max_connections=_MAX_CONNECTIONS,
            timeout=10,
        )
    models.database.initialize(database)
    return database


def close_database(database: peewee.Database) -> None:
    """Close every thread's connection."""
    if isinstance(database, PooledDatabase):
        database.close_all()


def sqlite_file(url: str) -> Path | None:
    """The file behind an sqlite URL; `None` for another database."""
    parts = urlsplit(url)
    return Path(unquote(parts.path[1:])) if parts.scheme == "sqlite" else None


@contextmanager
def connected(database: peewee.Database) -> Iterator[None]:
    """A connection for the time of the block; whatever the database says becomes a `StorageError`.

    Inside another such block it takes part in that one: peewee would close the outer one's connection.
    """
    with explained(), nullcontext() if not database.is_closed() else database.connection_context():
        yield


@contextmanager
def explained() -> Iterator[None]:
    """Whatever the database says in the block becomes a `StorageError`."""
    try:
        yield
    except (peewee.DatabaseError, peewee.InterfaceError, sqlite3.Error, OSError) as error:
        failures.note()
        raise StorageError(explain(error)) from error


@contextmanager
def writing(database: peewee.Database, patience_ms: int | None = None) -> Iterator[None]:
    """One transaction that writes; inside another one, a part of that.

    `patience_ms`: how long to wait for what another program holds locked, where that is to be less than usual.
    """
    with connected(database):
        if database.in_transaction():
            yield
            return
        # SQLite would let a transaction begin as a reader, and refuse at once when it then wants to write
        options = ("IMMEDIATE",) if isinstance(database, peewee.SqliteDatabase) else ()
        with _patience(database, patience_ms), database.atomic(*options):
            if patience_ms is not None and not options:
                database.execute_sql(f"SET LOCAL lock_timeout = {patience_ms}")
            yield


@contextmanager
def _patience(database: peewee.Database, patience_ms: int | None) -> Iterator[None]:
    """SQLite's belongs to the connection, not to a transaction."""
    if patience_ms is None or not isinstance(database, peewee.SqliteDatabase):
        yield
        return
    database.execute_sql(f"PRAGMA busy_timeout = {patience_ms}")
    try:
        yield
    finally:
        database.execute_sql(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}")


def drop_broken_connection(database: peewee.Database) -> None:
    """Let go of this thread's connection when its server is gone, so that the next block makes another."""
    with suppress(peewee.PeeweeException):
        broken = not database.is_closed() and not database.is_connection_usable()
        if broken and isinstance(database, PooledDatabase):
            database.manual_close()  # back in the pool it would be handed out again


def migrate(database: peewee.Database, migrations: Path = MIGRATIONS) -> list[str]:
    """Refuse a database that is damaged or newer than this program; apply the migrations that are missing."""
    with connected(database):
        migration.refuse_damaged(database)
        return migration.apply_missing(database, migrations)
