"""From findings to verdicts: which entry is confirmed, suspected or ruled out."""
