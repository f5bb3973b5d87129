"""Why a day was bad and why a vessel needs action, in sentences: one wording for the page and the report."""

from collections.abc import Sequence

from fleetdash.domain.analytics.summary import Analytics, BadDay, Outage, VesselPerformance
from fleetdash.domain.fleet import UNASSIGNED
from fleetdash.domain.runs import ErrorKind
from fleetdash.domain.wording import count, were
from fleetdash.web.text import formats

ERRORS: dict[ErrorKind, str] = {
    ErrorKind.TIMEOUT: "no answer in time",
    ErrorKind.CONNECTION: "no connection",
    ErrorKind.SERVER_ERROR: "server error on board",
    ErrorKind.RATE_LIMITED: "asked too often",
    ErrorKind.AUTHENTICATION: "login refused",
    ErrorKind.CONFIGURATION: "wrong address or database",
    ErrorKind.TLS: "certificate rejected",
    ErrorKind.INVALID_DATA: "unreadable answer",
    ErrorKind.TOO_LARGE: "answer too large",
    ErrorKind.CANCELLED: "stopped",
}


def bad_days_question(a: Analytics) -> str:
    return "Which days were bad, and why?" if a.period.day_count > 1 else "What happened on this day?"


def bad_day(day: BadDay) -> tuple[str, ...]:
    """Why it was bad, the weightiest reason first."""
    sentences = []
    if day.hours:
        span = f"From {day.hours.since:%H:%M} to {day.hours.until:%H:%M} UTC"
        sentences.append(f"{span} only {formats.percent(day.hours.rate_percent)} % of the checks reached the vessel.")
    if day.reasons:
        first = day.reasons[0]
        total = sum(reason.failures for reason in day.reasons)
        mostly = "all" if first.failures == total else f"{first.failures:,} of them"
        share = f"{day.vessels_failed} of {day.vessels_total} vessels"
        sentences.append(f"{count(total, 'check')} failed on {share}, {mostly} with {ERRORS[first.kind]}.")
        if 2 * day.vessels_failed > day.vessels_total > 2:
            sentences.append("So many at once points to shore, not to the vessels.")
    if day.missed_runs:
        sentences.append(f"{count(day.missed_runs, 'scheduled run')} {were(day.missed_runs)} missed.")
    if day.slow_runs:
        sentences.append(f"{count(day.slow_runs, 'run')} took clearly longer than usual.")
    return tuple(sentences) or ("Nothing: every run reached every vessel.",)


def visit_reasons(vessel: VesselPerformance, outages: Sequence[Outage]) -> tuple[str, ...]:
    """Why, the weightiest reason first."""
    share = formats.percent
    reasons = [
        (vessel.missed, f"Equipment missed the SLA in {share(vessel.missed_percent)} % of the checks"
                        f"{_after_colon(_longest_down(vessel, outages))}."),
        (vessel.unreached, f"Not reached in {share(vessel.unreached_percent)} % of the runs"
                           f"{_after_colon(main_reason(vessel))}."),
    ]  # fmt: skip
    return tuple(sentence for runs, sentence in sorted(reasons, key=lambda reason: -reason[0]) if runs)


def _after_colon(reason: str) -> str:
    return f": {reason}" if reason else ""


def _longest_down(vessel: VesselPerformance, outages: Sequence[Outage]) -> str:
    worst = next((each for each in outages if each.vessel_id == vessel.vessel_id and each.ip_address), None)
    if worst is None:
        return ""
    was = "has been down for" if worst.ended_at is None else "was down for"
    return f"{device(worst)} {was} {formats.duration(worst.seconds)}"


def device(outage: Outage) -> str:
    """`Server 192.168.1.60`"""
    return f"{outage.component or UNASSIGNED} {outage.ip_address}"


def outage_what(outage: Outage) -> str:
    """`not reached`, `Server 192.168.1.60 down`."""
    return "not reached" if outage.ip_address is None else f"{device(outage)} down"


def main_reason(vessel: VesselPerformance) -> str:
    """The reason it failed for most often."""
    if not vessel.failures:
        return ""
    kind = max(vessel.failures, key=lambda each: (vessel.failures[each], each))
    return ERRORS[kind]
