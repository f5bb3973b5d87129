"""A dataclass in, a component out: no query, no callback, no clock."""
