"""Whether anything has changed: what the page polls, and what a client may poll before it fetches more."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from pydantic import Field

from fleetdash.api.conditional import conditional
from fleetdash.api.model_base import ApiModel
from fleetdash.queries.data_version import DataVersion
from fleetdash.serving.problems import problem_responses


class Version(ApiModel):
    """Of the data."""

    version: str = Field(description="Opaque; another one whenever anything has changed.", examples=["5b1f0c"])


def add_version(router: APIRouter, versions: DataVersion) -> None:
    """`GET /version`."""

    @router.get(
        "/version", tags=["fleet"], response_model=Version, responses=problem_responses(HTTPStatus.SERVICE_UNAVAILABLE)
    )
    async def version(request: Request) -> Response:
        """The version of the data, which is its ETag too; 304 while nothing changes."""
        current = await versions.shared()
        body = Version(version=current).model_dump_json().encode()
        return conditional(request, body, "application/json", etag=f'"{current}"')
