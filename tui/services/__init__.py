"""Functions that several screens offer: clipboard, export, palette, summary."""
