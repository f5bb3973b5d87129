"""The commands, a module each: `run(options)` returns the exit code. Imported when called, so that each starts fast."""

OK, NOT_ALL_REACHED, BAD_CONFIGURATION = 0, 1, 2
