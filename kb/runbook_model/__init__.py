"""Runbooks: model, loading, lint, rendering and execution order."""
