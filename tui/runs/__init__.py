"""The screen of recorded runs."""
