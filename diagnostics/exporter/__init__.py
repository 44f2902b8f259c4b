"""Prometheus exporter: targets of the file, examined for each scrape in child processes."""
