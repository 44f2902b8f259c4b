"""State, messages and workers that several screens share."""
