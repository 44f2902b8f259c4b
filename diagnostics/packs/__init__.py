"""Packs: installed packages that bring entries, runbooks, probes and faults."""
