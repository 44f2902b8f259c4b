"""Runbooks on live targets: walked step by step, each step kept in the log of an incident."""
