"""A consistent copy of the database while runs go on."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, urlsplit

from fleetdash.errors import ConfigurationError, StorageError
from fleetdash.storage.database import sqlite_file
from fleetdash.storage.error_messages import explain


def backup(url: str, target: Path) -> int:
    """Copy the SQLite database at `url` to a file that must not exist; returns its size in bytes.

    VACUUM INTO reads one snapshot while others write, and writes one compact file without a journal beside it. (The
    backup API in steps restarts whenever another connection writes, which a run does with every attempt.)
    """
    source = sqlite_file(url)
    if source is None:
        raise ConfigurationError(_use_pg_dump(url, target))
    if not source.exists():
        raise ConfigurationError(f"there is no database at {source}; nothing was copied")
    if target.exists():
        raise ConfigurationError(f"{target} already exists; name another file, or move it away")
    part = target.with_name(target.name + ".part")
    try:
        part.unlink(missing_ok=True)  # of an interrupted copy
        _copy(source, part)
        os.link(part, target)  # atomic, and refused when the file exists by now
        _sync_to_disk(target.parent)
    except FileExistsError:
        raise ConfigurationError(f"{target} already exists; name another file, or move it away") from None
    except (sqlite3.Error, OSError) as error:
        raise StorageError(f"no backup was made: {explain(error)}") from error
    finally:
        part.unlink(missing_ok=True)
    return target.stat().st_size


def _copy(source: Path, target: Path) -> None:
    # only the owner may read it until it is complete; VACUUM INTO accepts an empty file
    target.touch(mode=0o600)
    with closing(sqlite3.connect(f"file:{quote(str(source))}?mode=ro", uri=True, timeout=30)) as connection:
        connection.execute("VACUUM INTO ?", (str(target),))
    target.chmod(source.stat().st_mode & 0o777)
    _sync_to_disk(target)


def _sync_to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _use_pg_dump(url: str, target: Path) -> str:
    shown = urlsplit(url).geturl()
    return (
        "a PostgreSQL database is copied with its own tool, also while runs go on:\n"
        f"  pg_dump --format=custom --file='{target}' '{shown}'\n"
        "and restored with pg_restore"
    )
