"""Rendering of entries: sections of typed blocks, Markdown and plain text."""
