"""Proof of entries in the lab, and the pytest plugin with the contract that every finding keeps."""
