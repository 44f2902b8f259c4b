"""PostgreSQL: connection strings, the startup protocol and SQL sessions."""
