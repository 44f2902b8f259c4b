"""Dialogs: text input, choices, and help."""
