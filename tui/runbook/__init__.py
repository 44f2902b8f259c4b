"""The screen that runs a runbook."""
