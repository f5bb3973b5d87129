"""A consistent copy of our database while runs go on."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, urlsplit

from fleetdash.errors import ConfigurationError, StorageError
from fleetdash.storage.database import sqlite_file
from fleetdash.storage.error_messages import explain


def backup(url: str, target: Path) -> int:
    """Copy the SQLite database at `url` to a file that is not there yet; answers its bytes.

    VACUUM INTO reads one snapshot while others write, and leaves one compact file without a journal beside it. (The
    backup API in steps begins anew whenever another connection writes, which a run does with every attempt.)
    """
    source = sqlite_file(url)
    if source is None:
        raise ConfigurationError(_use_pg_dump(url, target))
    if not source.exists():
        raise ConfigurationError(f"there is no database at {source}; nothing was copied")
    if target.exists():
        raise ConfigurationError(f"{target} is there already; name another file, or move that one away")
    part = target.with_name(target.name + ".part")
    try:
        part.unlink(missing_ok=True)  # of a copy that was cut short
        _copy(source, part)
        os.link(part, target)  # in one step, and refused when another file took the name meanwhile
        _through_to_the_disk(target.parent)
    except FileExistsError:
        raise ConfigurationError(f"{target} is there already; name another file, or move that one away") from None
    except (sqlite3.Error, OSError) as error:
        raise StorageError(f"no backup was made: {explain(error)}") from error
    finally:
        part.unlink(missing_ok=True)
    return target.stat().st_size


def _copy(source: Path, target: Path) -> None:
    # nobody but us may read it before it has its name; VACUUM INTO takes an empty file
    target.touch(mode=0o600)
    with closing(sqlite3.connect(f"file:{quote(str(source))}?mode=ro", uri=True, timeout=30)) as connection:
        connection.execute("VACUUM INTO ?", (str(target),))
    target.chmod(source.stat().st_mode & 0o777)
    _through_to_the_disk(target)


def _through_to_the_disk(path: Path) -> None:
    place = os.open(path, os.O_RDONLY)
    try:
        os.fsync(place)
    finally:
        os.close(place)


def _use_pg_dump(url: str, target: Path) -> str:
    shown = urlsplit(url).geturl()
    return (
        "a PostgreSQL database is copied by its own tool, also while runs go on:\n"
        f"  pg_dump --format=custom --file='{target}' '{shown}'\n"
        "and restored by pg_restore"
    )
