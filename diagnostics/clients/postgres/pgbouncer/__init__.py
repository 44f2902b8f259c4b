"""PgBouncer in front of a server: its admin console, its queue, and state that its clients share."""
