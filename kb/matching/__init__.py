"""Matching of texts to entries."""
