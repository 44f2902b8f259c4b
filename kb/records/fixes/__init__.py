"""Steps of fixes: their placeholders and the choice among their ways."""
