"""Asking one ship: one request, another only for a clock just found wrong or a device newly down."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from fleetdash.domain.clock import Clock
from fleetdash.domain.pings import PingSummary, ShipAnswer, ShipMemory, floor_hour, hour_cells, hour_starts
from fleetdash.domain.status import Limits
from fleetdash.errors import InvalidAnswer
from fleetdash.settings import Ship
from fleetdash.vessels.answer import NotExecuted, Series, by_device, clock_skew, results
from fleetdash.vessels.influxql import Period, PingQuery
from fleetdash.vessels.transport import Line, Reply, Transport

SKEW_TOLERANCE_SECONDS = 60
"""R4: a clock further off than this is remembered, and shifts what is asked for."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STATEMENTS = 5


@dataclass(frozen=True, slots=True)
class ShipClient:
    """Asks ships; holds nothing between two questions."""

    transport: Transport
    limits: Limits
    clock: Clock
    timeout_seconds: float

    def ask(self, ship: Ship, memory: ShipMemory) -> ShipAnswer:
        """What the ship knows of its devices now; raises `VesselQueryError`."""
        with self.transport.line(self.timeout_seconds) as line:
            exchange = Exchange(line, ship, self.limits, self.clock)
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
class Exchange:
    """Questions and answers over one line."""

    line: Line
    ship: Ship
    limits: Limits
    clock: Clock

    def observe(self, memory: ShipMemory, skew: int) -> tuple[ShipAnswer, int | None]:
        """The ship's answer with its clock taken to be ahead by `skew` seconds, and the skew that it shows."""
        period = Period.before(self.clock.now(), self.limits, skew)
        asked = {device.ip_address: _ship_seconds(device.last_success_at, period) for device in memory.down}
        reply, listed = self._ask([*self._query.summaries(period), *self._query.outages(list(asked.items()), period)])
        measured = clock_skew(reply)
        if _differs(measured, skew) and skew == memory.clock_skew_seconds:
            # these bounds were not the ship's: whatever they cut off is not looked at
            return ShipAnswer(period.to_shore(period.end, _EPOCH), (), skew), measured
        reader = AnswerReader(period, self.limits)
        pings = reader.summaries(listed[:_STATEMENTS])
        outages = dict(zip(asked, (reader.outage(series) for series in listed[_STATEMENTS:]), strict=True))
        newly = [ping for ping in pings if ping.down and not _dated(ping, asked, period)]
        outages |= self._outages(newly, period, reader)
        dated = tuple(
            replace(ping, first_unanswered_at=outages.get(ping.ip_address)) if ping.down else ping for ping in pings
        )
        return ShipAnswer(period.to_shore(period.end, _EPOCH), dated, skew), measured

    def _outages(
        self, newly: Sequence[PingSummary], period: Period, reader: "AnswerReader"
    ) -> dict[str, datetime | None]:
        if not newly:
            return {}
        asked = [(ping.ip_address, _ship_seconds(ping.last_success_at, period)) for ping in newly]
        _, listed = self._ask(self._query.outages(asked, period))
        return {address: reader.outage(series) for (address, _), series in zip(asked, listed, strict=True)}

    def _ask(self, statements: list[str]) -> tuple[Reply, list[list[Series]]]:
        reply = self._post(statements)
        tag = self.ship.address.device_tag
        try:
            return reply, results(reply, len(statements), tag)
        except NotExecuted as error:
            results(self._post([statements[error.position]]), 1, tag)  # raises what really is the matter
            raise

    def _post(self, statements: list[str]) -> Reply:
        address = self.ship.address
        form = {"db": address.database, "q": ";".join(statements), "epoch": "s"}
        return self.line.post(f"{address.url}/query", form, address.credentials)

    @property
    def _query(self) -> PingQuery:
        return PingQuery(self.ship.address.measurement, self.ship.address.device_tag)


def _ship_seconds(moment: datetime | None, period: Period) -> int | None:
    return None if moment is None else period.to_ship(moment)


def _dated(ping: PingSummary, asked: Mapping[str, int | None], period: Period) -> bool:
    """Whether the outage was asked about already, from the right last answer on."""
    if ping.ip_address not in asked:
        return False
    # an answer older than the look-back is ours to remember; the ship does not tell it any more
    return ping.last_success_at is None or asked[ping.ip_address] == _ship_seconds(ping.last_success_at, period)


@dataclass(frozen=True, slots=True)
class AnswerReader:
    """The statements' series -> what they say of each device, on shore's clock."""

    period: Period
    limits: Limits

    def summaries(self, listed: Sequence[Sequence[Series]]) -> tuple[PingSummary, ...]:
        """From the five statements, in their order."""
        recorded, answered, means, last_pings, last_answers = (by_device(series) for series in listed)
        addresses = sorted({*recorded, *answered, *means, *last_pings, *last_answers})
        return tuple(
            PingSummary(
                ip_address=address,
                hours=hour_cells(
                    self._shore(self.period.start),
                    self._shore(self.period.end),
                    self.limits.ping_interval,
                    self._counts(recorded.get(address, ()), answered.get(address, ())),
                ),
                average_response_ms=_only(means.get(address, ())),
                # a ping that came in between the two questions is in the second only
                last_ping_at=self._moment([*last_pings.get(address, ()), *last_answers.get(address, ())]),
                last_success_at=self._moment(last_answers.get(address, ())),
            )
            for address in addresses
        )

    def outage(self, series: Sequence[Series]) -> datetime | None:
        """When an outage began, by the ship's records; `None` when they do not reach back."""
        return self._moment(series[0].rows if series else (), since=0)

    def _counts(
        self, recorded: Sequence[tuple[int, float]], answered: Sequence[tuple[int, float]]
    ) -> dict[datetime, tuple[int, int]]:
        hours = set(hour_starts(self._shore(self.period.start), round(self.limits.window / timedelta(hours=1))))
        pings, answers = self._by_hour(recorded, hours), self._by_hour(answered, hours)
        # as above: a late ping can be among the answers only
        return {hour: (max(pings.get(hour, 0), answers.get(hour, 0)), answers.get(hour, 0)) for hour in pings | answers}

    def _by_hour(self, rows: Sequence[tuple[int, float]], hours: set[datetime]) -> dict[datetime, int]:
        counts: dict[datetime, int] = {}
        for seconds, count in rows:
            hour = floor_hour(self._within(seconds, self.period.start - 3600))
            if hour not in hours or hour in counts or count < 0 or count != int(count):
                raise InvalidAnswer("the ship's answer cannot be used: a count does not fit its hour")
            counts[hour] = int(count)
        return counts

    def _moment(self, rows: Sequence[tuple[int, float]], since: int | None = None) -> datetime | None:
        """The newest of the rows' times; `since`: where the look-back is not the bound."""
        earliest = self.period.lookback_start if since is None else since
        return max((self._within(seconds, earliest) for seconds, _ in rows), default=None)

    def _within(self, seconds: int, earliest: int) -> datetime:
        """A time that was asked for; others are no answer to what was asked."""
        if not earliest <= seconds < self.period.end:
            raise InvalidAnswer("the ship's answer cannot be used: a time lies outside of what was asked for")
        return self._shore(seconds)

    def _shore(self, seconds: int) -> datetime:
        return self.period.to_shore(seconds, _EPOCH)


def _only(rows: Sequence[tuple[int, float]]) -> float | None:
    if len(rows) > 1:
        raise InvalidAnswer("the ship's answer cannot be used: more than one mean where one was asked for")
    return rows[0][1] if rows else None
