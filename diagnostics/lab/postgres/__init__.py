"""A PostgreSQL cluster of the lab, its baseline and its credentials."""
