"""Dash callbacks: each reads and renders, nothing else. Registered on the app that is being built."""
