"""The tables, and the way to the newest schema."""
