"""Text from outside: cleaning, masking, log formats and typed signs."""
