"""Where records wait while the database is away."""
