"""Runbooks on live targets: execution step by step, incident logs and reports."""
