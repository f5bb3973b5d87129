"""All of it put together around the app."""

from collections.abc import Iterable
from dataclasses import dataclass

from fastapi import FastAPI

from fleetdash.auth import pages
from fleetdash.auth.authenticator import Authenticator
from fleetdash.auth.middleware import AnonymousMiddleware, AuthMiddleware
from fleetdash.domain.access import AuditEvent, AuditKind, current_caller
from fleetdash.domain.clock import Clock
from fleetdash.domain.runs import SchedulerControl, SchedulerStatus
from fleetdash.errors import NotAllowed
from fleetdash.serving.body_limit import BodyLimit
from fleetdash.serving.security_headers import SecurityHeaders, content_security_policy
from fleetdash.serving.trusted_host import TrustedHost
from fleetdash.storage.accounts import AuditLog


@dataclass(frozen=True, slots=True)
class Access:
    """What is written down, and who is let in; without a gatekeeper everyone is who can connect.

    `local_only`: only this machine can.
    """

    audit: AuditLog
    authenticator: Authenticator | None = None
    local_only: bool = False

    def register(self, app: FastAPI, prefix: str) -> None:
        """Its own pages, before any catch-all."""
        pages.register_audit(app, self.audit, prefix)
        if self.authenticator is not None:
            pages.register_login(app, self.authenticator, prefix)

    def audited(self, scheduler: SchedulerControl, clock: Clock) -> "AuditedScheduler":
        return AuditedScheduler(scheduler, self.audit, clock)


def secure(app: FastAPI, access: Access | None, prefix: str, script_hashes: Iterable[str]) -> None:
    """Put the guard around all that is in `app`; to be called last, so that nothing stands in front of it."""
    app.add_middleware(BodyLimit)
    if access is not None and access.authenticator is not None:
        app.add_middleware(AuthMiddleware, authenticator=access.authenticator, prefix=prefix)
    else:
        app.add_middleware(AnonymousMiddleware)
    if access is not None and access.local_only:
        app.add_middleware(TrustedHost)
    app.add_middleware(SecurityHeaders, policy=content_security_policy(script_hashes))


class AuditedScheduler:
    """A scheduler that starts runs for operators only, and writes down for whom."""

    def __init__(self, scheduler: SchedulerControl, audit: AuditLog, clock: Clock) -> None:
        self._scheduler = scheduler
        self._audit = audit
        self._clock = clock

    def request_run(self) -> str:
        """As the scheduler's own; raises `NotAllowed` too."""
        caller = current_caller()
        if caller is None or not caller.is_operator:
            raise NotAllowed("only an operator may start a run")
        run_id = self._scheduler.request_run()
        event = AuditEvent(self._clock.now(), AuditKind.RUN_STARTED, caller.name, caller.address, f"run {run_id}")
        self._audit.record(event)
        return run_id

    def status(self) -> SchedulerStatus:
        return self._scheduler.status()
