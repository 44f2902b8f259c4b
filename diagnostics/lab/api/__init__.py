"""ClearPay's API as the entries describe it: an HTTP server behind a proxy that terminates TLS."""
