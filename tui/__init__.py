"""The terminal application: a view that judges nothing."""
