"""Watches the on-board equipment of a fleet of vessels from shore."""

__version__ = "0.1.0"
