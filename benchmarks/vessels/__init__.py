"""`make benchmark-vessels`: fleetdash and the way of the system that it replaces, side by side, on one InfluxDB."""
