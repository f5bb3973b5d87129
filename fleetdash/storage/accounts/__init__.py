"""The audit log and the login sessions."""

from fleetdash.storage.accounts.audit import AuditLog
from fleetdash.storage.accounts.sessions import SessionStore

__all__ = ["AuditLog", "SessionStore"]
