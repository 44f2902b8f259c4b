"""Widgets: they are given rows or lines to show, post messages, and import no screen."""
