"""Theme, safe text and the ASCII fallback."""
