"""What the headers of a vessel's response say about time."""

import email.utils
from datetime import UTC, datetime

from fleetdash.influx.transport import HttpResponse

_LONGEST_SECONDS = 1e9


def vessel_time(response: HttpResponse) -> datetime | None:
    """The vessel's own clock, if the response has a usable `Date`."""
    return _http_date(response.headers.get("Date"))


def retry_after(response: HttpResponse) -> float | None:
    """Seconds to wait, from either form of `Retry-After`; `None` if it is missing or unusable."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isdecimal():
        return min(float(value), _LONGEST_SECONDS)
    until = _http_date(value)
    if until is None:
        return None
    return max(0.0, (until - (vessel_time(response) or response.headers_at)).total_seconds())


def clock_skew(response: HttpResponse) -> int | None:
    """Seconds by which the vessel's clock is ahead; 0 if the exchange and the full seconds of `Date` explain it.

    `None` without a usable `Date`.
    """
    date = vessel_time(response)
    if date is None:
        return None
    earliest = (date - response.headers_at).total_seconds()
    latest = (date - response.sent_at).total_seconds() + 1
    if earliest <= 0 <= latest:
        return 0
    return round(earliest if earliest > 0 else latest)


def _http_date(value: str | None) -> datetime | None:
    try:
        return email.utils.parsedate_to_datetime(value or "").astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None
