"""TLS handshakes and the classification of their failures."""
