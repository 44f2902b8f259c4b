"""Screens: each owns its state and repaints from it."""
