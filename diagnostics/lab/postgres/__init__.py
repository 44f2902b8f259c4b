"""PostgreSQL clusters of the lab, their healthy state and their credentials."""
