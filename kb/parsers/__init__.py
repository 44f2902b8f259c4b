"""Parsers of texts from outside, one for each format: bounded in size, depth and digits, with one error."""
