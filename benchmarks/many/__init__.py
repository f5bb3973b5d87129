"""`make benchmark-many`: 2,000 vessels in one process."""
