"""Secrets of a target, from their references to their values."""
