"""Reads: database -> domain values, in a fixed number of queries per call."""

from fleetdash.queries.fleet_reader import FleetReader

__all__ = ["FleetReader"]
