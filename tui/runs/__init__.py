"""The screen of kept runs."""
