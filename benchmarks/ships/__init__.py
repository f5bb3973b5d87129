"""`make benchmark-ships`: fleetdash and the way of the system that it replaces, side by side, against one InfluxDB."""
