"""Fix steps of an entry, run with the lab's privileges."""
