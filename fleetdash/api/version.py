"""`/api/version`: whether anything has changed. The page polls it, and so may any client."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from pydantic import Field

from fleetdash.api.conditional import conditional
from fleetdash.api.model_base import ApiModel
from fleetdash.queries.data_version import DataVersion
from fleetdash.serving.problems import problem_responses


class Version(ApiModel):
    """The version of the data."""

    version: str = Field(description="Opaque; changes whenever the data does.", examples=["5b1f0c"])


def add_routes(router: APIRouter, versions: DataVersion) -> None:
    @router.get(
        "/version", tags=["fleet"], response_model=Version, responses=problem_responses(HTTPStatus.SERVICE_UNAVAILABLE)
    )
    async def version(request: Request) -> Response:
        """The version of the data, which is also the ETag; 304 while nothing changes."""
        current = await versions.shared()
        body = Version(version=current).model_dump_json().encode()
        return conditional(request, body, "application/json", etag=f'"{current}"')
