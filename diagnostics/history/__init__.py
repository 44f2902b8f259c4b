"""History of runs: one file of events for each recorded run; reading, listing, comparison, export."""
