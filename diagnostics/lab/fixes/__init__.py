"""Runs the fix steps of a record with the lab's rights."""
