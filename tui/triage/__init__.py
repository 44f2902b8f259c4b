"""The screen of a diagnosis: text, candidates, probes, verdicts, verification."""
