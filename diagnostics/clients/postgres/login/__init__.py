"""Login by libpq with an untrusted server: every message is inspected before libpq obeys it."""
