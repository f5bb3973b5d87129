"""A period as one page to print or to send: HTML that needs nothing else, not even a script."""

from fleetdash.report.page import report

__all__ = ["report"]
