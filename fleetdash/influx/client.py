"""Asks one vessel: one request; further ones only once a day, and where something is new or odd about it."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from fleetdash.config.settings import VesselTarget
from fleetdash.domain import clocks
from fleetdash.domain.clock import Clock
from fleetdash.domain.clocks import TOLERANCE, Clocks, Key, Look
from fleetdash.domain.pings import PingSummary, QueryContext, VesselAnswer
from fleetdash.domain.recording import FieldProfile, QueryMemory
from fleetdash.errors import ConnectionLost, InvalidAnswer, Misconfigured, QueryTimeout, VesselQueryError
from fleetdash.influx.bounds import bounded
from fleetdash.influx.diagnosis import diagnose, misconfiguration
from fleetdash.influx.exchange import Exchange
from fleetdash.influx.fields import field_profile, fits
from fleetdash.influx.headers import clock_skew
from fleetdash.influx.newest import NewestPings, Ping, dated_pings, newest_pings
from fleetdash.influx.notes import notes_of, shows_nothing
from fleetdash.influx.query import PingQuery, QueryWindow
from fleetdash.influx.response import Result
from fleetdash.influx.spellings import by_device
from fleetdash.influx.summaries import Figures, SummaryReader, rows_by_device
from fleetdash.influx.transport import HttpResponse, Transport

MOST_SKEW_SECONDS = 10 * 366 * 86_400


@dataclass(frozen=True, slots=True)
class InfluxClient:
    """Asks vessels; keeps no state between two calls."""

    transport: Transport
    clock: Clock

    def ask(self, target: VesselTarget, context: QueryContext) -> VesselAnswer:
        """What the vessel knows of its devices now; raises `VesselQueryError`."""
        with self.transport.connect(target.address) as connection:
            session = Session(Exchange(connection, target.address.database), target, context, self.clock)
            try:
                return session.answer()
            except Misconfigured as error:
                raise session.explained(error) from error


@dataclass(frozen=True, slots=True)
class Response:
    """The results of one request, in the groups of its statements."""

    window: QueryWindow
    date_skew: int
    groups: Sequence[Sequence[Result]]


@dataclass(frozen=True, slots=True)
class Session:
    """The requests of one attempt, over one connection."""

    exchange: Exchange
    target: VesselTarget
    context: QueryContext
    clock: Clock

    def answer(self) -> VesselAnswer:
        query = self._query(self.context.memory.fields or FieldProfile())
        response = self._observe(query, self.context.clock_skew_seconds)
        fields = self._fields(query, response.groups[2][0])
        if fields is not None and self._query(fields) != query:
            before, query = query, self._query(fields)
            if query.request(response.window) != before.request(response.window):
                response = self._observe(query, self.context.clock_skew_seconds)
        look, judged, newest = self._judged(query, response)
        if abs(judged.offset - response.window.skew) > TOLERANCE:
            # the bounds were wrong for this vessel's clock: the answer is discarded
            response = self._observe(query, judged.offset)
            look, judged, newest = self._judged(query, response)
        dated = self._dated(query, response.window, look, judged, newest)
        pings = self._pings(query, response, dated)
        memory = self._memory(fields, look, judged, dated)
        answer = by_device(
            VesselAnswer(response.window.to_shore_clock(response.window.end), pings, response.window.skew, memory),
            self.target.vessel,
        )
        answer, left_out = bounded(answer, self.target.vessel, self.context.most_unlisted)
        answer = self._diagnosed(answer)
        return replace(answer, notes=notes_of(answer, self.target, query.fields, look, judged, dated, left_out))

    # --- the request

    def _observe(self, query: PingQuery, skew: int) -> Response:
        """Ask, assuming that the clock that stamps the pings is ahead by `skew` seconds."""
        window = QueryWindow.before(self.clock.now(), self.target.vessel.limits, skew)
        down = [(device.ip_address, _vessel_seconds(device.last_success_at, window)) for device in self.context.down]
        statements = query.request(window, down)
        response, groups = self.exchange.ask(statements)
        return Response(window, self._date_skew(response), groups)

    def _date_skew(self, response: HttpResponse) -> int:
        """By which `Date` is ahead: as remembered while it agrees within the tolerance, since both jitter."""
        remembered, measured = self._remembered_skew, clock_skew(response)
        if measured is not None and abs(measured) > MOST_SKEW_SECONDS:
            raise InvalidAnswer("the vessel's answer cannot be used: its Date is more than 10 years off")
        if measured is None or abs(measured - remembered) <= TOLERANCE:
            return remembered
        return measured if abs(measured) > TOLERANCE else 0

    @property
    def _remembered_skew(self) -> int:
        skew = self.context.memory.date_skew_seconds
        return self.context.clock_skew_seconds if skew is None else skew

    # --- times

    def _judged(self, query: PingQuery, response: Response) -> tuple[Look, Clocks, dict[Key, Ping]]:
        newest = self._newest(query, response.groups[2][0], response.window)
        look = Look(
            now=response.window.end - response.window.skew,
            date_skew=response.date_skew,
            newest={key: ping.seconds for key, ping in newest.items()},
            interval=int(self.target.vessel.limits.ping_interval.total_seconds()),
        )
        context = self.context
        judged = clocks.judge(look, context.clock_skew_seconds, context.memory.series, self._remembered_skew)
        return look, judged, newest

    def _dated(
        self, query: PingQuery, window: QueryWindow, look: Look, judged: Clocks, newest: dict[Key, Ping]
    ) -> NewestPings:
        around: tuple[dict[Key, Ping], dict[Key, Ping]] = ({}, {})
        if judged.future(look):
            results = self.exchange.select(query.around(window, window.end + TOLERANCE))
            around = (self._newest(query, results[0], window), self._newest(query, results[1], window))
        stale_after = self.target.vessel.limits.stale_after
        return dated_pings(newest, look, judged, around, self.context.memory.series, stale_after)

    def _newest(self, query: PingQuery, result: Result, window: QueryWindow) -> dict[Key, Ping]:
        losses_exist = bool(query.fields.percent_packet_loss)
        return newest_pings(result, query.device_tag, window, losses_exist=losses_exist)

    # --- figures and outages

    def _pings(self, query: PingQuery, response: Response, newest: NewestPings) -> tuple[PingSummary, ...]:
        reader = SummaryReader(response.window, self.target.vessel.limits)
        recorded, answered, _, last_answered, outages, mean = response.groups
        if not query.fields.percent_packet_loss:
            recorded, answered = [[]], [[]]  # none shows whether it was answered: no uptime, instead of 0 %
        by_device = [
            [rows_by_device(result, query.device_tag) for result in group]
            for group in (recorded, answered, last_answered, mean)
        ]
        pings = reader.summaries(Figures(*by_device), newest)
        began = {
            device.ip_address: reader.outage(result) for device, result in zip(self.context.down, outages, strict=True)
        }
        newly_down = [ping for ping in pings if ping.down and not self._outage_was_asked(ping)]
        began |= self._outages(query, newly_down, response.window, reader)
        return tuple(
            replace(ping, first_unanswered_at=began.get(ping.ip_address)) if ping.down else ping for ping in pings
        )

    def _outage_was_asked(self, ping: PingSummary) -> bool:
        """Whether the first request already asked for this outage, starting from the right last answer."""
        for device in self.context.down:
            if device.ip_address == ping.ip_address:
                # a last answer from before the look-back is known only to us: the vessel no longer reports it
                return ping.last_success_at is None or _same_second(ping.last_success_at, device.last_success_at)
        return False

    def _outages(
        self, query: PingQuery, newly_down: Sequence[PingSummary], window: QueryWindow, reader: SummaryReader
    ) -> dict[str, datetime | None]:
        if not newly_down:
            return {}
        devices = [(ping.ip_address, _vessel_seconds(ping.last_success_at, window)) for ping in newly_down]
        results = self.exchange.select(query.outages(devices, window))
        return {address: reader.outage(result) for (address, _), result in zip(devices, results, strict=True)}

    # --- what is remembered, and what is wrong

    def _fields(self, query: PingQuery, newest: Result) -> FieldProfile | None:
        """The fields of the pings, looked up once a day, or where they changed; `None` if they are not looked up."""
        if not self.context.memory.fields_due(self.clock.now(), fit=fits(query.fields, newest)):
            return None
        try:
            fields, tags = self.exchange.show(query.field_keys())
        except (QueryTimeout, ConnectionLost):
            return None
        except (VesselQueryError, ValueError):
            return query.fields  # one that does not tell, or in another way: the same tomorrow
        return field_profile(fields, tags) or query.fields

    def _memory(self, fields: FieldProfile | None, look: Look, judged: Clocks, dated: NewestPings) -> QueryMemory:
        before = self.context.memory
        return replace(
            before,
            fields=fields or before.fields,
            fields_read_at=self.clock.now() if fields else before.fields_read_at,
            date_skew_seconds=look.date_skew,
            series=clocks.remember(look, judged, before.series, dated.doubtful),
        )

    def explained(self, error: Misconfigured) -> Misconfigured:
        """With what there is in place of what the fleet file names."""
        reason = ""
        with suppress(VesselQueryError, ValueError):
            reason = misconfiguration(self.target.address, self.exchange.show)
        return Misconfigured(f"{error}{reason}")

    def _diagnosed(self, answer: VesselAnswer) -> VesselAnswer:
        """With what is wrong where nothing is shown; a diagnosis that fails costs nothing but itself."""
        memory, now = answer.memory, self.clock.now()
        if not self.context.diagnose and not shows_nothing(answer, self.target.vessel):
            return replace(answer, memory=replace(memory, findings=(), diagnosed_at=None))
        if not self.context.diagnose and not memory.diagnosis_due(now):
            return answer
        findings = memory.findings
        with suppress(VesselQueryError, ValueError):  # also where there are not as many results
            vessel, skew = self.target.vessel, answer.clock_skew_seconds
            findings = diagnose(
                vessel, self.target.address, self.exchange.show, self.exchange.select, answer.observed_at, skew
            )
        return replace(answer, memory=replace(memory, findings=findings, diagnosed_at=now))

    def _query(self, fields: FieldProfile) -> PingQuery:
        endpoint = self.target.address
        return PingQuery(endpoint.measurement, endpoint.device_tag, endpoint.retention_policy, endpoint.match, fields)


def _vessel_seconds(moment: datetime | None, window: QueryWindow) -> int | None:
    return None if moment is None else window.to_vessel_clock(moment)


def _same_second(one: datetime, other: datetime | None) -> bool:
    return other is not None and int(one.timestamp()) == int(other.timestamp())
