"""ClearPay's HTTP API: requests, tokens, rate limits and webhook signatures."""
