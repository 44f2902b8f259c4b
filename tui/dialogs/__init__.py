"""Dialogs: text input, choices, menus and help."""
