"""Who calls, what they may do, and what the audit records."""

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
    """The person or program that a request comes from; without a name where nobody has to log in."""

    name: str
    role: Role
    address: str = ""

    @property
    def is_operator(self) -> bool:
        return self.role is Role.OPERATOR


ANYONE = Caller("", Role.OPERATOR)
"""The caller where nobody has to log in."""

_caller: ContextVar[Caller | None] = ContextVar("caller", default=ANYONE)


def current_caller() -> Caller | None:
    """The caller of the current request; `None`: not logged in, where that is required."""
    return _caller.get()


def is_operator_calling() -> bool:
    """Whether the caller of the current request may start runs."""
    caller = current_caller()
    return caller is not None and caller.is_operator


@contextmanager
def acting_as(caller: Caller | None) -> Iterator[None]:
    """The block, and what it starts on other threads, is done for `caller`."""
    token = _caller.set(caller)
    try:
        yield
    finally:
        _caller.reset(token)


class AuditKind(StrEnum):
    """The kind of an event."""

    LOGIN = "login"
    LOGIN_FAILED = "login_failed"
    LOGOUT = "logout"
    RUN_STARTED = "run_started"


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One line of the audit; `detail`: of a run its id, of a failed login what was wrong."""

    at: datetime
    kind: AuditKind
    name: str
    address: str
    detail: str = ""
    id: int = 0
