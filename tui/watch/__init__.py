"""The screen that watches one or several targets."""
