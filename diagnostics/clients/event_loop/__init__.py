"""Load on an HTTP service, and the classification of what blocks its event loop."""
