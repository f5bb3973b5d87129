"""Starting runs, for operators only and on the record."""

from fleetdash.domain.access import AuditEvent, AuditKind, current_caller
from fleetdash.domain.clock import Clock
from fleetdash.domain.runs import SchedulerControl, SchedulerStatus
from fleetdash.errors import NotAllowed
from fleetdash.storage.accounts.audit import AuditLog


class AuditedScheduler:
    """A scheduler that starts runs for operators only, and records who asked for each."""

    def __init__(self, scheduler: SchedulerControl, audit: AuditLog, clock: Clock) -> None:
        self._scheduler = scheduler
        self._audit = audit
        self._clock = clock

    def request_run(self) -> str:
        """As `SchedulerControl.request_run`; raises `NotAllowed` too."""
        caller = current_caller()
        if caller is None or not caller.is_operator:
            raise NotAllowed("only an operator may start a run")
        run_id = self._scheduler.request_run()
        event = AuditEvent(self._clock.now(), AuditKind.RUN_STARTED, caller.name, caller.address, f"run {run_id}")
        self._audit.record(event)
        return run_id

    def status(self) -> SchedulerStatus:
        return self._scheduler.status()
