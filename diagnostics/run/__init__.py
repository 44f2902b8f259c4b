"""A run from selectors and targets to a report: knowledge base, probe selection, placeholder values."""
