"""What lets sessions survive a restart: their signing secret, and the sessions that were ended."""

import os
import secrets
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import peewee

from fleetdash.errors import StorageError
from fleetdash.storage.database import connected, writing
from fleetdash.storage.rows import fetch_tuples
from fleetdash.storage.schema import AccessSecretRow, EndedSessionRow
from fleetdash.storage.timestamps import to_ms

_NAME = "sessions"


class SessionStore:
    """`secret_file`: holds the secret, readable by its owner only; `None`: it is in the database.

    An SQLite file and its copies are often readable by people who must not be able to log in as anyone.
    """

    def __init__(self, database: peewee.Database, secret_file: Path | None) -> None:
        self._database = database
        self._secret_file = secret_file

    def secret(self) -> bytes:
        """The same at every start and for all processes; created at the first."""
        made = secrets.token_hex(32)
        kept = self._in_database(made) if self._secret_file is None else _in_file(self._secret_file, made)
        if len(kept) < len(made):
            raise StorageError(
                f"{self._secret_file} contains no secret of fleetdash; remove it (everyone has to log in again)"
            )
        return kept.encode()

    def _in_database(self, made: str) -> str:
        with writing(self._database):
            AccessSecretRow.insert(name=_NAME, value=made).on_conflict_ignore().execute()
            return str(AccessSecretRow.get_by_id(_NAME).value)

    def end(self, session_id: str, expires_at: datetime) -> None:
        """Make its cookie invalid."""
        with writing(self._database):
            row = EndedSessionRow.insert(id=session_id, expires_at=to_ms(expires_at))
            row.on_conflict_ignore().execute()

    def ended(self, now: datetime) -> frozenset[str]:
        """Ended sessions that have not expired yet; removes those that have."""
        with connected(self._database):
            known = fetch_tuples(EndedSessionRow.select(EndedSessionRow.id, EndedSessionRow.expires_at))
            expired = [session_id for session_id, expires_at in known if expires_at <= to_ms(now)]
        if expired:
            with writing(self._database):
                EndedSessionRow.delete().where(EndedSessionRow.id.in_(expired)).execute()
        return frozenset(session_id for session_id, _ in known) - frozenset(expired)


def _in_file(path: Path, made: str) -> str:
    """Written to a temporary file, then linked: two processes that start at once use the same secret."""
    part = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        if not path.exists():
            part.unlink(missing_ok=True)
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(made)
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileExistsError):  # another process was first
                os.link(part, path)
            part.unlink()
        return path.read_text().strip()
    except OSError as error:
        raise StorageError(
            f"the secret that sessions are signed with cannot be kept in {path}: {error.strerror}"
        ) from error
