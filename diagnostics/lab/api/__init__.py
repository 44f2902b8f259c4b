"""ClearPay's API as the records say it behaves: an HTTP server, and a front that ends TLS before it."""
