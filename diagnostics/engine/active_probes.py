"""Names of the probes that run only with `--active`, for pages that are printed without loading a probe."""

from typing import Final

ACTIVE_PROBES: Final = frozenset({"loop", "rotation", "webhook"})
"""Probes whose SAFETY is `active`; a test compares both."""
