"""Sentences, titles and formats of page and report."""
