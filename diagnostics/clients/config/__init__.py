"""Configuration files of an application, read without running them."""
