"""Logs as programs write them: envelopes, prefixes, levels, time stamps, and the records that they form."""
