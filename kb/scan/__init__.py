"""Scan of large logs: pure functions over chunks of bytes, whose summaries merge in any order."""
