"""InfluxDB's client: the InfluxQL request, a bounded HTTP exchange with one vessel, its answer as domain values."""
