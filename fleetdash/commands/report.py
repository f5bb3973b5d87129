"""`report`: writes a period as one HTML page to print."""

import argparse
from datetime import datetime

from fleetdash import composition
from fleetdash.commands import OK, fleet_file
from fleetdash.domain.analytics.period import Period, day_of
from fleetdash.domain.clock import SystemClock
from fleetdash.errors import ConfigurationError
from fleetdash.queries import FleetReader
from fleetdash.report import report


def run(options: argparse.Namespace) -> int:
    now = SystemClock().now()
    config = fleet_file.load(options)
    period = _period(options, now)
    analytics = FleetReader(composition.open_migrated(config), composition.schedule_of(config)).analytics(period, now)
    try:
        options.file.write_text(report(analytics), encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"the report cannot be written: {error}") from error
    print(f"wrote {options.file}: {period.first} to {period.last}, {analytics.totals.statistics.total_runs} runs")
    return OK


def _period(options: argparse.Namespace, now: datetime) -> Period:
    try:
        since = day_of(options.since) if options.since else None
        until = day_of(options.until, ends=True) if options.until else None
        return Period.strict(since, until, now)
    except ValueError as error:
        raise ConfigurationError(f"no such period: {error}") from error
