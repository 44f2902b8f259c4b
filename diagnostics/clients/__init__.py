"""What several probes speak: PostgreSQL, its wire protocol, its settings, and Secrets Manager."""
