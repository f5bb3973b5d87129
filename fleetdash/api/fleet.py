"""`/api/fleet-overview`."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response

from fleetdash.api.conditional import conditional
from fleetdash.api.fleet_cache import FleetCache
from fleetdash.api.vessel_models import Fleet
from fleetdash.queries import FleetReader
from fleetdash.serving.problems import problem_responses

_PROBLEMS = problem_responses(HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.SERVICE_UNAVAILABLE)


def add_routes(router: APIRouter, queries: FleetReader) -> None:
    cache = FleetCache(queries)

    @router.get("/fleet-overview", tags=["fleet"], response_model=Fleet, responses=_PROBLEMS)
    def fleet_overview(request: Request, include_devices: bool = False) -> Response:
        """Every vessel, worst first, and the fleet's sums."""
        body, etag = cache.body(include_devices)
        return conditional(request, body, "application/json", etag=etag)
