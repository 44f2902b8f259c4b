"""Fixes, applied to a target with consent: the only code that changes a system that is examined."""
