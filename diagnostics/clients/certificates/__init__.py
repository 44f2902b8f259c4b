"""X.509 certificates: decoding, host names, chains and trust stores."""
