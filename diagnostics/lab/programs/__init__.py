"""Programs that run in the lab as separate processes."""
