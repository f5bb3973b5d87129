"""Asks one vessel: one request, and a second only if its clock was just found wrong or a device is newly down."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from fleetdash.config.settings import VesselTarget
from fleetdash.domain.clock import Clock
from fleetdash.domain.pings import PingSummary, QueryContext, VesselAnswer
from fleetdash.influx.headers import clock_skew
from fleetdash.influx.query import PingQuery, QueryWindow
from fleetdash.influx.response import NotExecuted, Rows, results
from fleetdash.influx.spellings import by_device
from fleetdash.influx.summaries import STATEMENTS, SummaryReader
from fleetdash.influx.transport import Connection, HttpResponse, Transport

SKEW_TOLERANCE_SECONDS = 60
"""R4: a clock that is further off is remembered, and shifts the bounds of the request."""


@dataclass(frozen=True, slots=True)
class InfluxClient:
    """Asks vessels; keeps no state between two calls."""

    transport: Transport
    clock: Clock

    def ask(self, target: VesselTarget, context: QueryContext) -> VesselAnswer:
        """What the vessel knows of its devices now; raises `VesselQueryError`."""
        with self.transport.connect(target.address) as connection:
            session = Session(connection, target, self.clock)
            answer, measured = session.observe(context, context.clock_skew_seconds)
            if _differs(measured, context.clock_skew_seconds):
                answer, _ = session.observe(context, _beyond_tolerance(measured or 0))
            return by_device(answer, target.vessel)


def _differs(measured: int | None, remembered: int) -> bool:
    """A remembered skew holds until it is off by more than the tolerance: `Date` and the link jitter."""
    return measured is not None and abs(measured - remembered) > SKEW_TOLERANCE_SECONDS


def _beyond_tolerance(skew: int) -> int:
    return skew if abs(skew) > SKEW_TOLERANCE_SECONDS else 0


@dataclass(frozen=True, slots=True)
class Session:
    """The requests of one attempt, over one connection."""

    connection: Connection
    target: VesselTarget
    clock: Clock

    def observe(self, context: QueryContext, skew: int) -> tuple[VesselAnswer, int | None]:
        """The answer, assuming that the vessel's clock is ahead by `skew` seconds, and the skew as measured."""
        window = QueryWindow.before(self.clock.now(), self.target.vessel.limits, skew)
        last_success = {device.ip_address: _vessel_seconds(device.last_success_at, window) for device in context.down}
        statements = [*self._query.summaries(window), *self._query.outages(list(last_success.items()), window)]
        response, rows = self._ask(statements)
        measured = clock_skew(response)
        observed_at = window.to_shore_clock(window.end)
        if _differs(measured, skew) and skew == context.clock_skew_seconds:
            # the bounds were wrong for this vessel's clock: the answer is discarded
            return VesselAnswer(observed_at, (), skew), measured
        reader = SummaryReader(window, self.target.vessel.limits)
        pings = reader.summaries(rows[:STATEMENTS])
        outages = dict(zip(last_success, map(reader.outage, rows[STATEMENTS:]), strict=True))
        newly_down = [ping for ping in pings if ping.down and not _dated(ping, last_success, window)]
        outages |= self._outages(newly_down, window, reader)
        dated = tuple(
            replace(ping, first_unanswered_at=outages.get(ping.ip_address)) if ping.down else ping for ping in pings
        )
        return VesselAnswer(observed_at, dated, skew), measured

    def _outages(
        self, newly_down: Sequence[PingSummary], window: QueryWindow, reader: SummaryReader
    ) -> dict[str, datetime | None]:
        if not newly_down:
            return {}
        devices = [(ping.ip_address, _vessel_seconds(ping.last_success_at, window)) for ping in newly_down]
        _, rows = self._ask(self._query.outages(devices, window))
        return {address: reader.outage(by_device) for (address, _), by_device in zip(devices, rows, strict=True)}

    def _ask(self, statements: list[str]) -> tuple[HttpResponse, list[dict[str, Rows]]]:
        response = self._post(statements)
        tag = self.target.address.device_tag
        try:
            return response, results(response, len(statements), tag)
        except NotExecuted as error:
            results(self._post([statements[error.position]]), 1, tag)  # raises the actual error
            raise

    def _post(self, statements: list[str]) -> HttpResponse:
        return self.connection.query({"db": self.target.address.database, "q": ";".join(statements), "epoch": "s"})

    @property
    def _query(self) -> PingQuery:
        endpoint = self.target.address
        return PingQuery(endpoint.measurement, endpoint.device_tag, endpoint.retention_policy, endpoint.match)


def _vessel_seconds(moment: datetime | None, window: QueryWindow) -> int | None:
    return None if moment is None else window.to_vessel_clock(moment)


def _dated(ping: PingSummary, last_success: Mapping[str, int | None], window: QueryWindow) -> bool:
    """Whether the first request already asked for this outage, starting from the right last answer."""
    if ping.ip_address not in last_success:
        return False
    # a last answer from before the look-back is known only to us: the vessel no longer reports it
    return ping.last_success_at is None or last_success[ping.ip_address] == _vessel_seconds(
        ping.last_success_at, window
    )
