"""Targets: URLs, paths and the entries of a target file."""
