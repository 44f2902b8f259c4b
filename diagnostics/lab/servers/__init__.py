"""Small servers and proxies on loopback."""
