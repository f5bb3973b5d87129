"""`/api/report`: a period as one printable page, and its tables as CSV."""

from datetime import date
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from fleetdash.api.conditional import conditional
from fleetdash.api.csv_export import CSV, csv_response
from fleetdash.api.report_models import Table, table
from fleetdash.domain.analytics.period import Choice, Period, day_of
from fleetdash.domain.analytics.summary import Analytics
from fleetdash.domain.clock import Clock
from fleetdash.queries import FleetReader
from fleetdash.report import report
from fleetdash.serving.problems import problem_responses

_RESPONSES = problem_responses(HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.SERVICE_UNAVAILABLE)
_HTML: dict[int | str, dict[str, Any]] = {200: {"content": {"text/html": {"schema": {"type": "string"}}}}}
_NO_FETCH = {
    # names and messages come from vessels: markup that is not escaped still cannot run or fetch anything
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}


def _day(text: Any, *, ends: bool) -> date | None:
    """`None` when absent or empty: a form sends its empty fields too."""
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
    """The last 30 days by default. An impossible period becomes the nearest possible one; the report names its days."""

    period: Choice | None = Field(default=None, description="Without days: the time up to now, or up to today.")
    since: Annotated[date | None, BeforeValidator(_since), _SCHEMA] = Field(
        default=None, description="The first UTC day; for a time, its day."
    )
    until: Annotated[date | None, BeforeValidator(_until), _SCHEMA] = Field(
        default=None, description="The last UTC day, included; for a time, the day of the moment before it."
    )


PeriodQuery = Annotated[ReportPeriod, Query()]


def add_routes(router: APIRouter, queries: FleetReader, clock: Clock) -> None:
    def read(period: ReportPeriod) -> Analytics:
        now = clock.now()
        return queries.analytics(Period.nearest(period.period, period.since, period.until, now), now)

    @router.get("/report", tags=["report"], response_class=Response, responses=_HTML | _RESPONSES)
    def period_report(request: Request, period: PeriodQuery) -> Response:
        """One self-contained page to print: figures, charts, the vessels that missed the SLA."""
        analytics = read(period)
        name = {"Content-Disposition": f'inline; filename="{_file_name(analytics, "report")}.html"'}
        return conditional(request, report(analytics).encode(), "text/html; charset=utf-8", name | _NO_FETCH)

    @router.get("/report/{name}.csv", tags=["report"], response_class=Response, responses=CSV | _RESPONSES)
    def report_table(request: Request, name: Table, period: PeriodQuery) -> Response:
        """A table of the period."""
        analytics = read(period)
        return csv_response(request, table(analytics, name), f"{_file_name(analytics, name)}.csv")


def _file_name(analytics: Analytics, content: str) -> str:
    return f"fleetdash-{content}-{analytics.period.first}-{analytics.period.last}"
