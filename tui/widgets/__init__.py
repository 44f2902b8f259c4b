"""Widgets: they show what they are given, post messages, and know no screen."""
