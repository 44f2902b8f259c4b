"""State, messages and the base class of all screens."""
