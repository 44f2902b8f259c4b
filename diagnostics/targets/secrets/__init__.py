"""Secrets of a target: resolution of references to values."""
