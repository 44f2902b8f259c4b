"""The screen of a large log: its known and unknown errors over time."""
