"""Targets on the command line: the words that named one, and commands that name it again."""
