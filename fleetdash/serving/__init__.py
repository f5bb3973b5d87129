"""What every request passes through, and the server that runs it."""
