"""Matching a text to entries."""
