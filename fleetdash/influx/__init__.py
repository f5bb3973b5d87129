"""How a vessel is asked: a bounded HTTP exchange, the InfluxQL request, and its answer as domain values."""
