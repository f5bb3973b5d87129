"""The writing side at work: the retry policy, one run over the fleet, the thread that schedules runs."""
