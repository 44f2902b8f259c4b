"""Programs that run in the lab as processes of their own."""
