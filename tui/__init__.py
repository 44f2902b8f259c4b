"""The terminal application: a view of runs and diagnoses that others make."""
