"""Checks that a record declares: their model, and the lint that decides which SQL may run."""
