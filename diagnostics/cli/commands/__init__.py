"""A verb a file: its options, what it does, the exit code that it earns."""
