"""Load on an HTTP service and the classification of its response times."""
