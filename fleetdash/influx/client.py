"""Asking one vessel: one request, another only for a clock just found wrong or a device newly down."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from operator import gt

from fleetdash.config.settings import VesselTarget
from fleetdash.domain.clock import Clock
from fleetdash.domain.pings import PingSummary, QueryContext, VesselAnswer, WindowHours
from fleetdash.domain.status import Limits
from fleetdash.errors import InvalidAnswer
from fleetdash.influx.query import PingQuery, QueryWindow
from fleetdash.influx.response import NotExecuted, Rows, clock_skew, results
from fleetdash.influx.transport import Connection, HttpResponse, Transport

SKEW_TOLERANCE_SECONDS = 60
"""R4: a clock further off than this is remembered, and shifts what is asked for."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STATEMENTS = 5
_NOTHING: Rows = ()


@dataclass(frozen=True, slots=True)
class InfluxClient:
    """Asks vessels; holds nothing between two questions."""

    transport: Transport
    limits: Limits
    clock: Clock
    timeout_seconds: float

    def ask(self, target: VesselTarget, memory: QueryContext) -> VesselAnswer:
        """What the vessel knows of its devices now; raises `VesselQueryError`."""
        with self.transport.line(self.timeout_seconds) as line:
            exchange = Session(line, target, self.limits, self.clock)
            answer, measured = exchange.observe(memory, memory.clock_skew_seconds)
            if _differs(measured, memory.clock_skew_seconds):
                answer, _ = exchange.observe(memory, _remembered(measured or 0))
            return answer


def _differs(measured: int | None, remembered: int) -> bool:
    """A remembered skew stands until it is off by more than the tolerance: `Date` and the link jitter."""
    return measured is not None and abs(measured - remembered) > SKEW_TOLERANCE_SECONDS


def _remembered(measured: int) -> int:
    return measured if abs(measured) > SKEW_TOLERANCE_SECONDS else 0


@dataclass(frozen=True, slots=True)
class Session:
    """Questions and answers over one line."""

    line: Connection
    target: VesselTarget
    limits: Limits
    clock: Clock

    def observe(self, memory: QueryContext, skew: int) -> tuple[VesselAnswer, int | None]:
        """The vessel's answer with its clock taken to be ahead by `skew` seconds, and the skew that it shows."""
        window = QueryWindow.before(self.clock.now(), self.limits, skew)
        asked = {device.ip_address: _vessel_seconds(device.last_success_at, window) for device in memory.down}
        response, listed = self._ask(
            [*self._query.summaries(window), *self._query.outages(list(asked.items()), window)]
        )
        measured = clock_skew(response)
        if _differs(measured, skew) and skew == memory.clock_skew_seconds:
            # these bounds were not the vessel's: whatever they cut off is not looked at
            return VesselAnswer(window.to_shore_clock(window.end, _EPOCH), (), skew), measured
        reader = AnswerReader(window, self.limits)
        pings = reader.summaries(listed[:_STATEMENTS])
        outages = dict(zip(asked, map(reader.outage, listed[_STATEMENTS:]), strict=True))
        newly = [ping for ping in pings if ping.down and not _dated(ping, asked, window)]
        outages |= self._outages(newly, window, reader)
        dated = tuple(
            replace(ping, first_unanswered_at=outages.get(ping.ip_address)) if ping.down else ping for ping in pings
        )
        return VesselAnswer(window.to_shore_clock(window.end, _EPOCH), dated, skew), measured

    def _outages(
        self, newly: Sequence[PingSummary], window: QueryWindow, reader: "AnswerReader"
    ) -> dict[str, datetime | None]:
        if not newly:
            return {}
        asked = [(ping.ip_address, _vessel_seconds(ping.last_success_at, window)) for ping in newly]
        _, listed = self._ask(self._query.outages(asked, window))
        return {address: reader.outage(statement) for (address, _), statement in zip(asked, listed, strict=True)}

    def _ask(self, statements: list[str]) -> tuple[HttpResponse, list[dict[str, Rows]]]:
        response = self._post(statements)
        tag = self.target.address.device_tag
        try:
            return response, results(response, len(statements), tag)
        except NotExecuted as error:
            results(self._post([statements[error.position]]), 1, tag)  # raises what really is the matter
            raise

    def _post(self, statements: list[str]) -> HttpResponse:
        address = self.target.address
        form = {"db": address.database, "q": ";".join(statements), "epoch": "s"}
        return self.line.post(f"{address.url}/query", form, address.credentials)

    @property
    def _query(self) -> PingQuery:
        return PingQuery(self.target.address.measurement, self.target.address.device_tag)


def _vessel_seconds(moment: datetime | None, window: QueryWindow) -> int | None:
    return None if moment is None else window.to_vessel_clock(moment)


def _dated(ping: PingSummary, asked: Mapping[str, int | None], window: QueryWindow) -> bool:
    """Whether the outage was asked about already, from the right last answer on."""
    if ping.ip_address not in asked:
        return False
    # an answer older than the look-back is ours to remember; the vessel does not tell it any more
    return ping.last_success_at is None or asked[ping.ip_address] == _vessel_seconds(ping.last_success_at, window)


class AnswerReader:
    """The statements' rows -> what they say of each device, on shore's clock."""

    def __init__(self, window: QueryWindow, limits: Limits) -> None:
        self._period = window
        self._hours = WindowHours(self._shore(window.start), self._shore(window.end), limits.ping_interval)
        self._first_hour = window.to_vessel_clock(self._hours.first)
        self._no_pings = (0,) * len(self._hours)
        self._places = cache(self._find_places)  # most devices were pinged in the same hours

    def summaries(self, statements: Sequence[Mapping[str, Rows]]) -> tuple[PingSummary, ...]:
        """From the five statements, in their order; points without an address are about no device."""
        addresses = sorted(set().union(*statements) - {""})
        return tuple(
            self._summary(address, *[rows.get(address, _NOTHING) for rows in statements]) for address in addresses
        )

    def outage(self, statement: Mapping[str, Rows]) -> datetime | None:
        """When an outage began, by the vessel's records; `None` when they do not reach back."""
        return self._newest(statement.get("", _NOTHING), since=0)

    def _summary(
        self, address: str, recorded: Rows, answered: Rows, mean: Rows, last_ping: Rows, last_answer: Rows
    ) -> PingSummary:
        pings, answers = self._by_hour(recorded), self._by_hour(answered)
        if any(map(gt, answers, pings)):  # a ping that came in between the two questions is in the second only
            pings = tuple(map(max, pings, answers))
        since = self._period.lookback_start
        return PingSummary(
            ip_address=address,
            hours=self._hours.pings(pings, answers),
            average_response_ms=_only(mean),
            last_ping_at=self._newest([*last_ping, *last_answer], since),
            last_success_at=self._newest(last_answer, since),
        )

    def _by_hour(self, rows: Rows) -> tuple[int, ...]:
        """Counts in the window's hours; one that has no row has none."""
        if not rows:
            return self._no_pings
        times, numbers = zip(*rows, strict=True)
        counts = () if None in numbers else tuple(map(int, numbers))
        if counts != numbers or min(counts) < 0:
            raise InvalidAnswer("the vessel's answer cannot be used: a count is none")
        places = self._places(times)
        if places is None:
            return counts
        by_hour = [*self._no_pings]
        for place, count in zip(places, counts, strict=True):
            by_hour[place] = count
        return tuple(by_hour)

    def _find_places(self, times: tuple[int, ...]) -> list[int] | None:
        """Which of the window's hours the times stand for; `None` when they are all of them in their order."""
        places = [(seconds - self._first_hour) // 3600 for seconds in times]
        if not 0 <= min(places) <= max(places) < len(self._hours):
            raise InvalidAnswer("the vessel's answer cannot be used: a time lies outside of what was asked for")
        if len(set(places)) != len(places):
            raise InvalidAnswer("the vessel's answer cannot be used: an hour stands in it twice")
        return None if places == list(range(len(self._hours))) else places

    def _newest(self, rows: Rows, since: int) -> datetime | None:
        """The newest of the rows' times, all of which must have been asked for."""
        if not rows:
            return None
        times = [seconds for seconds, _ in rows]
        newest = max(times)
        if min(times) < since or newest >= self._period.end:
            raise InvalidAnswer("the vessel's answer cannot be used: a time lies outside of what was asked for")
        return self._shore(newest)

    def _shore(self, seconds: int) -> datetime:
        return self._period.to_shore_clock(seconds, _EPOCH)


def _only(rows: Rows) -> float | None:
    if len(rows) > 1:
        raise InvalidAnswer("the vessel's answer cannot be used: more than one mean where one was asked for")
    return rows[0][1] if rows else None
