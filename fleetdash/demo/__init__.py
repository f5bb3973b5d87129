"""The demo fleet: simulated vessels that speak InfluxDB 1.x's HTTP API, and a day of history behind them."""

from fleetdash.demo.fleet import DemoFleet

__all__ = ["DemoFleet"]
