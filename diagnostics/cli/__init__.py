"""The command line: arguments, commands, their output and exit codes."""
