"""Engine: runs probes in parallel under deadlines and emits their events."""
