"""The audit log: logins, failed logins, started runs."""

import logging

import peewee

from fleetdash.domain.access import AuditEvent, AuditKind
from fleetdash.errors import StorageError
from fleetdash.storage.database import connected, writing
from fleetdash.storage.schema import AuditRow
from fleetdash.storage.timestamps import from_ms, to_ms

log = logging.getLogger(__name__)

KEPT = 50_000
"""The number of newest events kept: failed logins must not fill the disk."""

_LONGEST = 200
_LOCK_TIMEOUT_MS = 1_000


class AuditLog:
    """Newest first. Each event is also logged, which is its only record while the database is away."""

    def __init__(self, database: peewee.Database) -> None:
        self._database = database

    def record(self, event: AuditEvent) -> None:
        """Never raises `StorageError`: logins work while the database is away."""
        log.info("%s: %s from %s %s", event.kind, event.name or "-", event.address or "-", event.detail)
        try:
            with writing(self._database, _LOCK_TIMEOUT_MS):
                row = AuditRow.create(
                    at=to_ms(event.at),
                    kind=event.kind.value,
                    name=_printable(event.name),
                    address=_printable(event.address),
                    detail=_printable(event.detail),
                )
                AuditRow.delete().where(AuditRow.id <= row.id - KEPT).execute()
        except StorageError as error:
            log.error("the audit log could not be written: %s", error)

    def page(self, limit: int, before: int | None = None) -> tuple[AuditEvent, ...]:
        """Events older than the one with the id `before`; raises `StorageError`."""
        query = AuditRow.select().order_by(AuditRow.id.desc()).limit(limit)
        if before is not None:
            query = query.where(AuditRow.id < before)
        with connected(self._database):
            return tuple(_event(row) for row in query)


def _event(row: AuditRow) -> AuditEvent:
    return AuditEvent(from_ms(row.at), AuditKind(row.kind), row.name, row.address, row.detail, row.id)


def _printable(text: str) -> str:
    """PostgreSQL stores no NUL, and the name of a failed login may be anything."""
    return "".join(letter if letter.isprintable() else "�" for letter in text[:_LONGEST])
