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
from fleetdash.domain.pings import VesselAnswer
from fleetdash.domain.runs import Attempt, Run, RunStatus, Trigger
from fleetdash.domain.wording import count
from fleetdash.monitoring.fleet_run import FleetRun
from fleetdash.monitoring.monitor import http_query, worker_pool
from fleetdash.monitoring.retry import RetryPolicy

MOST_ADDRESSES = 2_000
"""Of one vessel, that `discover` prints."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one vessel said; `answer` is `None` where it was not reached."""

    target: VesselTarget
    attempt: Attempt
    answer: VesselAnswer | None

    @property
    def sentence(self) -> str:
        """One line: whether it answered, what to do, and how its addresses differ from the fleet file's."""
        verdict = self._addresses if self.answer is not None else self._failure
        return f"{self.target.vessel.id}: {logs.one_line(verdict)}"

    @property
    def unlisted(self) -> list[str]:
        """Addresses that the vessel pings and the fleet file does not name."""
        return self._differences[1]

    @property
    def _differences(self) -> tuple[list[str], list[str]]:
        reported = [ping.ip_address for ping in self.answer.pings] if self.answer else []
        return address_differences(self.target.vessel, reported)

    @property
    def _addresses(self) -> str:
        missing, unlisted = self._differences
        parts = [f"answered in {self.attempt.query_duration_seconds:.2f} s"]
        if missing:
            parts.append(f"in the fleet file, but not pinged: {', '.join(missing)}")
        if unlisted:
            parts.append(f"pinged, but not in the fleet file: {', '.join(unlisted)}")
        if not (missing or unlisted):
            listed = len(self.target.vessel.devices)
            parts.append(f"pings {'the device' if listed == 1 else f'all {listed} devices'} of the fleet file")
        return "; ".join(parts)

    @property
    def _failure(self) -> str:
        kind, seconds = self.attempt.error_kind, self.attempt.query_duration_seconds
        what = f"{kind}: {(self.attempt.error_message or '').rstrip('.')} ({seconds:.2f} s)."
        return f"{what} What to do: {advice(kind)}" if kind is not None else what


def check(config: Settings, clock: Clock, stop: threading.Event) -> bool:
    """Print a line for each vessel as it ends; whether all were reached."""
    return _ask_once(config, config.targets, clock, stop, lambda found: print(found.sentence, flush=True))


def discover(config: Settings, file: str, new_ids: Sequence[str], clock: Clock, stop: threading.Event) -> bool:
    """Print, as TOML, the components that `file`, the fleet file's text, lacks; whether all vessels were reached.

    With `new_ids`, only these are asked: `config` has them, `file` does not.
    """
    findings: list[Finding] = []

    def report(found: Finding) -> None:
        findings.append(found)
        print(found.sentence, file=sys.stderr, flush=True)

    targets = [target for target in config.targets if not new_ids or target.vessel.id in new_ids]
    reached_all = _ask_once(config, targets, clock, stop, report)
    order = [target.vessel.id for target in targets]
    answered = sorted(
        (found for found in findings if found.answer is not None), key=lambda found: order.index(found.target.vessel.id)
    )
    addresses = {found.target.vessel.id: _printed(found) for found in answered}
    if new_ids:
        parts = [paste.new_entry(found.target, addresses[found.target.vessel.id]) for found in answered]
    else:
        missing = {vessel_id: listed for vessel_id, listed in addresses.items() if listed}
        complete = missing.keys() == set(order)
        parts = [paste.missing_components(file, missing, complete=complete)] if missing else []
    print("\n".join(parts), end="", flush=True)
    return reached_all


def _printed(found: Finding) -> list[str]:
    """Says which are left out, on standard error."""
    usable = [address for address in found.unlisted if paste.usable_address(address)]
    printed = usable[:MOST_ADDRESSES]
    if left_out := len(found.unlisted) - len(printed):
        who = found.target.vessel.id
        print(f"{who}: {count(left_out, 'address', 'addresses')} left out: too long or too many", file=sys.stderr)
    return printed


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
        {},
        pool=worker_pool(config, clock, http_query(config, clock)),
        policy=RetryPolicy(max_retries=0),
        record=record,
        clock=clock,
        stop=stop,
    ).execute()
    return not failed and cut_short is None
