"""Probes that records declare: an entry with checks is a probe that is named by its id."""
