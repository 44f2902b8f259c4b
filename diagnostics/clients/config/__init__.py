"""Configuration files of an application, parsed without running them."""
