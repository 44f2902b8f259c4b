"""Targets: URLs, paths and the tables of a target file."""
