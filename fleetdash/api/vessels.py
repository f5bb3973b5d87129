"""`/api/vessels`: one vessel as JSON, all of them as CSV."""

import re
from http import HTTPStatus

from fastapi import APIRouter, Request, Response

from fleetdash.api.conditional import json_response
from fleetdash.api.csv_export import CSV, csv_response, to_csv
from fleetdash.api.run_filter import VESSEL_ID
from fleetdash.api.vessel_models import Vessel, VesselDetails
from fleetdash.errors import NotFound
from fleetdash.queries import FleetReader
from fleetdash.serving.problems import problem_responses

_NOT_FOUND = problem_responses(HTTPStatus.NOT_FOUND)
_UNAVAILABLE = problem_responses(HTTPStatus.SERVICE_UNAVAILABLE)


def add_routes(router: APIRouter, queries: FleetReader) -> None:
    @router.get(
        "/vessels/{vessel_id}", tags=["fleet"], response_model=VesselDetails, responses=_NOT_FOUND | _UNAVAILABLE
    )
    def vessel(request: Request, vessel_id: str) -> Response:
        """One vessel with every device and its components."""
        if not re.fullmatch(VESSEL_ID, vessel_id):
            raise NotFound(f"there is no vessel {vessel_id!r}")  # PostgreSQL rejects some of them with an error
        return json_response(request, VesselDetails.of(queries.vessel(vessel_id)))

    @router.get("/vessels.csv", tags=["fleet"], response_class=Response, responses=CSV | _UNAVAILABLE)
    def vessels_csv(request: Request) -> Response:
        """The vessels of `/api/fleet-overview`, worst first."""
        rows = map(Vessel.of, queries.fleet().vessels)
        return csv_response(request, to_csv(Vessel, rows, leave_out=frozenset({"devices"})), "vessels.csv")
