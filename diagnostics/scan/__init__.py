"""Scan of log files: their inputs, readers and processes, and the report in its formats."""
