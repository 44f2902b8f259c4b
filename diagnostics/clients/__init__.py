"""Protocols, file formats and services that probes share."""
