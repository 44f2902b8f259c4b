"""The screen that lists and previews entries."""
