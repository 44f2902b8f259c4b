"""The screen that diagnoses: text, candidates, probes, verdict, verification."""
