"""Why a time was bad and why a vessel needs action, in sentences: one wording for the page and the report."""

from datetime import datetime

from fleetdash.domain.analytics.actions import NO_FRESH_DATA, Actor, CurrentState, main_kind
from fleetdash.domain.analytics.bad_times import BadTime
from fleetdash.domain.analytics.outage import Outage
from fleetdash.domain.analytics.summary import Analytics, VesselPerformance
from fleetdash.domain.fleet import UNASSIGNED
from fleetdash.domain.runs import ErrorKind
from fleetdash.domain.wording import count, were
from fleetdash.web.text import formats
from fleetdash.web.text import period_formats as times

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


def bad_times_question(a: Analytics) -> str:
    if not a.period.is_short:
        return "Which days were bad, and why?"
    return "What happened on this day?" if _is_whole_day(a) else "Which hours were bad, and why?"


def _is_whole_day(a: Analytics) -> bool:
    return a.period.day_count == 1 and [(each.since, each.until) for each in a.bad_times] == [
        (a.period.since, a.period.until)
    ]


def nothing_stands_out(a: Analytics) -> str:
    return f"None: no {'hour' if a.period.is_short else 'day'} stands out."


def bad_time(bad: BadTime) -> tuple[str, ...]:
    """Why it was bad, the weightiest reason first."""
    sentences = []
    if bad.hours:
        span = f"From {times.span(bad.hours.since, bad.hours.until)} UTC"
        sentences.append(f"{span} only {formats.percent(bad.hours.rate_percent)} % of the checks reached the vessel.")
    failures = bad.vessels_asked - bad.vessels_reached
    if bad.reasons:
        first = bad.reasons[0]
        total = sum(reason.failures for reason in bad.reasons)
        mostly = "all" if first.failures == total else f"{first.failures:,} of them"
        share = f"{bad.vessels_failed} of {bad.vessels_total} vessels"
        sentences.append(f"{count(total, 'check')} failed on {share}, {mostly} with {ERRORS[first.kind]}.")
        if 2 * bad.vessels_failed > bad.vessels_total > 2:
            sentences.append("So many at once points to shore, not to the vessels.")
    elif failures:
        sentences.append(f"{count(failures, 'check')} failed; the reasons are no longer kept.")
    if bad.missed_runs:
        sentences.append(f"{count(bad.missed_runs, 'scheduled run')} {were(bad.missed_runs)} missed.")
    if bad.slow_runs:
        sentences.append(f"{count(bad.slow_runs, 'run')} took clearly longer than usual.")
    return tuple(sentences) or ("Nothing: every run reached every vessel.",)


ACTORS: dict[Actor, str] = {
    Actor.BOARD: "Needs someone on board",
    Actor.SHORE: "Fix from shore",
    Actor.LINK: "Link to watch",
}

MOST_DEVICES_NAMED = 3


def action_reasons(vessel: VesselPerformance, actor: Actor, now: datetime) -> tuple[str, ...]:
    """Why it needs action."""
    state = vessel.state
    if state and actor is Actor.BOARD:
        return (_devices_down(state, now),)
    sentences = []
    if state and state.failing is not None:
        since = f" since {times.moment(state.failing_since)} UTC" if state.failing_since else ""
        sentences.append(f"Not reached{since}: {ERRORS[state.failing]}.")
    elif state and actor is Actor.SHORE and state.sync_status in NO_FRESH_DATA:
        sentences.append("It answers, but has no fresh data: is Telegraf running?")
    own = vessel.own_runs
    if own.unreached and (actor is Actor.LINK or not sentences):
        share = f"{own.unreached:,} of {count(own.runs, 'run')} ({formats.percent(own.unreached_percent)} %)"
        sentences.append(f"Not reached in {share}{_after_colon(_error(own.main_kind))}.")
    return tuple(sentences)


def _devices_down(state: CurrentState, now: datetime) -> str:
    """`2 of 6 devices are down: Server 192.168.1.60 for 9 h, Dashboard 192.168.1.43 for at least 4 h.`"""
    down = state.devices_down
    named = [
        f"{each.component} {each.ip_address} for {_at_least((now - each.since).total_seconds(), each.is_bound)}"
        for each in down[:MOST_DEVICES_NAMED]
    ]
    more = [f"{len(down) - len(named)} more"] if len(down) > len(named) else []
    are = "is" if len(down) == 1 else "are"
    total = count(max(state.devices_total, len(down)), "device")
    return f"{len(down)} of {total} {are} down: {', '.join(named + more)}."


def lasted(outage: Outage) -> str:
    """`9 d 12 h`, `at least 31 d`: all of it, also what lies outside the period."""
    return _at_least(outage.lasted_seconds, outage.began_is_bound)


def _at_least(seconds: float, is_bound: bool) -> str:
    return f"{'at least ' if is_bound else ''}{formats.duration(seconds)}"


def _after_colon(reason: str) -> str:
    return f": {reason}" if reason else ""


def device(outage: Outage) -> str:
    """`Server 192.168.1.60`"""
    return f"{outage.component or UNASSIGNED} {outage.ip_address}"


def outage_what(outage: Outage) -> str:
    """`not reached`, `Server 192.168.1.60 down`."""
    return "not reached" if outage.ip_address is None else f"{device(outage)} down"


def main_reason(vessel: VesselPerformance) -> str:
    """The reason it failed for most often."""
    return _error(main_kind(vessel.failures))


def _error(kind: ErrorKind | None) -> str:
    return ERRORS[kind] if kind else ""
