"""Who is calling, what they may do, and what the audit records of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """A viewer reads; an operator also starts runs."""

    VIEWER = "viewer"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request; the name is empty where nobody has to log in."""

    name: str
    role: Role
    address: str = ""

    @property
    def is_operator(self) -> bool:
        return self.role is Role.OPERATOR


_caller: ContextVar[Caller | None] = ContextVar("caller", default=None)


def current_caller() -> Caller | None:
    """Who sent the current request; `None` outside a request, and for somebody who has not logged in."""
    return _caller.get()


def is_operator_calling() -> bool:
    """Whether the current request may start runs."""
    caller = current_caller()
    return caller is not None and caller.is_operator


@contextmanager
def acting_as(caller: Caller | None) -> Iterator[None]:
    """Run the block, and the tasks and worker threads that it starts, on behalf of `caller`."""
    token = _caller.set(caller)
    try:
        yield
    finally:
        _caller.reset(token)


class AuditKind(StrEnum):
    """What somebody did."""

    LOGIN = "login"
    LOGIN_FAILED = "login_failed"
    LOGOUT = "logout"
    RUN_STARTED = "run_started"


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One line of the audit; `detail` is the run's id, or why a login failed."""

    at: datetime
    kind: AuditKind
    name: str
    address: str
    detail: str = ""
    id: int = 0
