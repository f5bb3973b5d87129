"""The audit and the sessions."""
