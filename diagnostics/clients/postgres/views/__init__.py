"""Queries on the statistics and lock views of PostgreSQL."""
