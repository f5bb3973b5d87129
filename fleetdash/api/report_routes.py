"""`/api/report`: a period as one printable page, and its tables as CSV."""

from datetime import date
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from fleetdash.api.conditional import conditional
from fleetdash.api.report_models import Table, table
from fleetdash.domain.analytics.period import Choice, Period, day_of
from fleetdash.domain.analytics.summary import Analytics
from fleetdash.domain.clock import Clock
from fleetdash.queries import FleetReader
from fleetdash.report import report
from fleetdash.serving.problems import problem_responses

_RESPONSES = problem_responses(HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.SERVICE_UNAVAILABLE)
_HTML: dict[int | str, dict[str, Any]] = {200: {"content": {"text/html": {"schema": {"type": "string"}}}}}
_CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}
_NOTHING_FETCHED = {
    # names and messages in it come from vessels: should one slip through, it still can do nothing
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}


def _day(text: Any, *, ends: bool) -> date | None:
    """Absent or empty: none; a form sends its empty fields too."""
    try:
        return day_of(text, ends=ends) if text else None
    except (TypeError, ValueError, OverflowError):
        raise PydanticCustomError("iso_day", "must be a date such as 2026-11-23, or an ISO 8601 time") from None


def _since(text: Any) -> date | None:
    return _day(text, ends=False)


def _until(text: Any) -> date | None:
    return _day(text, ends=True)


_SCHEMA = WithJsonSchema(
    {
        "anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}, {"const": ""}],
        "examples": ["2026-11-23"],
    }
)


class ReportPeriod(BaseModel):
    """Without any: the last 30 days. What cannot be had becomes the nearest that can; the report names its days."""

    period: Choice | None = Field(default=None, description="Without days: the time up to now, or to today.")
    since: Annotated[date | None, BeforeValidator(_since), _SCHEMA] = Field(
        default=None, description="The first UTC day; of a time its day."
    )
    until: Annotated[date | None, BeforeValidator(_until), _SCHEMA] = Field(
        default=None, description="The last UTC day, included; of a time the day of the moment before it."
    )


PeriodQuery = Annotated[ReportPeriod, Query()]


def add_report(router: APIRouter, queries: FleetReader, clock: Clock) -> None:
    """The report and its tables."""

    def read(wanted: ReportPeriod) -> Analytics:
        now = clock.now()
        return queries.analytics(Period.nearest(wanted.period, wanted.since, wanted.until, now), now)

    @router.get("/report", tags=["report"], response_class=Response, responses=_HTML | _RESPONSES)
    def period_report(request: Request, wanted: PeriodQuery) -> Response:
        """One self-contained page to print: figures, charts, the vessels that missed the SLA."""
        found = read(wanted)
        name = {"Content-Disposition": f'inline; filename="{_file_name(found, "report")}.html"'}
        return conditional(request, report(found).encode(), "text/html; charset=utf-8", name | _NOTHING_FETCHED)

    @router.get("/report/{name}.csv", tags=["report"], response_class=Response, responses=_CSV | _RESPONSES)
    def report_table(request: Request, name: Table, wanted: PeriodQuery) -> Response:
        """A table of the period."""
        found = read(wanted)
        download = {"Content-Disposition": f'attachment; filename="{_file_name(found, name)}.csv"'}
        return conditional(request, table(found, name), "text/csv; charset=utf-8", download)


def _file_name(found: Analytics, what: str) -> str:
    return f"fleetdash-{what}-{found.period.first}-{found.period.last}"
