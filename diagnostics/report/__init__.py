"""The report of a run: its model, its wording and its output formats."""
