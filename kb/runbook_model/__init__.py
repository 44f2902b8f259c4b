"""Runbooks: their model, loading, lint, drawing and next step."""
