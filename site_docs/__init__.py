"""Site generator: pages and data files from entries, probes, runbooks and the proof matrix."""
