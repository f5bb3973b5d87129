"""Runs: the retry policy, one run over the fleet, the thread that schedules runs."""
