"""`check` and `discover`: every vessel is asked once, and nothing is recorded."""

import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fleetdash import logs
from fleetdash.config import paste
from fleetdash.config.settings import Settings, VesselTarget
from fleetdash.domain.advice import advice
from fleetdash.domain.clock import Clock
from fleetdash.domain.fleet import address_differences
from fleetdash.domain.pings import QueryContext, VesselAnswer
from fleetdash.domain.runs import Attempt, Run, RunStatus, Trigger
from fleetdash.domain.status_reason import note_sentences
from fleetdash.monitoring.fleet_run import FleetRun
from fleetdash.monitoring.monitor import http_query, worker_pool
from fleetdash.monitoring.retry import RetryPolicy

MOST_ADDRESSES = 2_000
"""Of one vessel, beside those of the fleet file."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one vessel said; `answer` is `None` where it was not reached."""

    target: VesselTarget
    attempt: Attempt
    answer: VesselAnswer | None

    @property
    def line(self) -> str:
        """Whether it answered, how its addresses differ from the fleet file's, what is wrong and what to do."""
        verdict = self._failure if self.answer is None else self._addresses
        parts = [f"{verdict} ({self.attempt.query_duration_seconds:.2f} s)."]
        if self.answer is not None:
            parts += note_sentences(self.answer.notes, self.answer.clock_skew_seconds)
        elif self.attempt.error_kind is not None:
            parts.append(f"What to do: {advice(self.attempt.error_kind)}")
        return f"{self.target.vessel.id}: {logs.one_line(' '.join(parts))}"

    @property
    def unlisted(self) -> list[str]:
        """Addresses that the vessel pings and the fleet file does not name."""
        return self._differences[1]

    @property
    def _differences(self) -> tuple[list[str], list[str]]:
        reported = [ping.ip_address for ping in self.answer.pings] if self.answer else []
        return address_differences(self.target.vessel, reported)

    @property
    def _failure(self) -> str:
        return f"{self.attempt.error_kind}: {(self.attempt.error_message or '').rstrip('.')}"

    @property
    def _addresses(self) -> str:
        missing, unlisted = self._differences
        listed = len(self.target.vessel.devices)
        parts = [f"answered for {listed - len(missing)} of {listed} devices in the fleet file"]
        if missing:
            parts.append(f"no data of {', '.join(missing)}")
        if unlisted:
            parts.append(f"not in the fleet file: {', '.join(unlisted)}")
        return "; ".join(parts)


def check(config: Settings, clock: Clock, stop: threading.Event) -> bool:
    """Print a line for each vessel as it ends; whether all were reached."""
    return _ask_once(config, config.targets, clock, stop, lambda found: print(found.line, flush=True))


def discover(config: Settings, file: str, new_ids: Sequence[str], clock: Clock, stop: threading.Event) -> bool:
    """Print, as TOML, the components that `file`, the fleet file's text, lacks; whether all vessels were reached.

    With `new_ids`, only these are asked: `config` has them, `file` does not.
    """
    findings: list[Finding] = []

    def report(found: Finding) -> None:
        findings.append(found)
        print(found.line, file=sys.stderr, flush=True)

    targets = [target for target in config.targets if not new_ids or target.vessel.id in new_ids]
    reached_all = _ask_once(config, targets, clock, stop, report)
    order = [target.vessel.id for target in targets]
    answered = sorted(
        (found for found in findings if found.answer is not None), key=lambda found: order.index(found.target.vessel.id)
    )
    addresses = {found.target.vessel.id: list(filter(paste.usable_address, found.unlisted)) for found in answered}
    if new_ids:
        parts = [paste.new_entry(found.target, addresses[found.target.vessel.id]) for found in answered]
    else:
        missing = {vessel_id: listed for vessel_id, listed in addresses.items() if listed}
        complete = missing.keys() == set(order)
        parts = [paste.missing_components(file, missing, complete=complete)] if missing else []
    print("\n".join(parts), end="", flush=True)
    return reached_all


def _ask_once(
    config: Settings,
    targets: Sequence[VesselTarget],
    clock: Clock,
    stop: threading.Event,
    report: Callable[[Finding], None],
) -> bool:
    """Whether every vessel answered, and nothing stopped us."""
    failed: list[str] = []

    def record(_run_id: str, target: VesselTarget, attempt: Attempt, answer: VesselAnswer | None) -> None:
        if answer is None:
            failed.append(target.vessel.id)
        report(Finding(target, attempt, answer))

    cut_short = FleetRun(
        Run("check", clock.now(), Trigger.MANUAL, RunStatus.RUNNING, len(targets)),
        targets,
        {target.vessel.id: QueryContext(diagnose=True, most_unlisted=MOST_ADDRESSES) for target in targets},
        pool=worker_pool(config, clock, http_query(config, clock)),
        policy=RetryPolicy(max_retries=0),
        record=record,
        clock=clock,
        stop=stop,
    ).execute()
    return not failed and cut_short is None
