"""The reading side: our database -> domain values, in a fixed number of queries a call."""

from fleetdash.queries.fleet_reader import FleetReader

__all__ = ["FleetReader"]
