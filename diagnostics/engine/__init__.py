"""Runs probes in parallel under deadlines and emits events."""
