"""Runs that were kept: one file of events a run, read back, listed, compared and exported."""
