"""The screen that executes a runbook."""
