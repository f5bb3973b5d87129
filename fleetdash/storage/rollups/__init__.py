"""Sums by UTC day, written with each run, so that figures over years read a row per day."""

from fleetdash.storage.rollups.daily import run_closed
from fleetdash.storage.rollups.days import DAY_MS, day_date, day_number, day_of_ms, pack, unpack
from fleetdash.storage.rollups.rebuild import Rebuilt, rebuild_rollups

__all__ = [
    "DAY_MS",
    "Rebuilt",
    "day_date",
    "day_number",
    "day_of_ms",
    "pack",
    "rebuild_rollups",
    "run_closed",
    "unpack",
]
