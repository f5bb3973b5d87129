"""The REST API, its description and the WebSocket: the reading side as other systems see it."""

from fleetdash.api.factory import create_api

__all__ = ["create_api"]
