"""Certificates of the lab: valid, faulty and malformed."""
