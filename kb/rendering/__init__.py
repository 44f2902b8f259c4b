"""From an entry to sections, and from sections to text."""
