"""Settings that names and forms of values mean: of ours, of payment providers, of loggers and currencies."""
