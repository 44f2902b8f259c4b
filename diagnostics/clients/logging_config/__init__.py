"""Trial of a logging configuration, and a scan of its log files for secrets."""
