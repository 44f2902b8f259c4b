"""What is seen: probes, the engine that runs them, and what their findings mean."""
