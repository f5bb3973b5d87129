"""Sums by day, kept with each run."""
