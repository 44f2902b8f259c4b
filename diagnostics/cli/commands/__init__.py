"""Commands, one module each: its arguments, its action and its exit code."""
