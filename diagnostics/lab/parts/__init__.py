"""Parts of the lab beside the database and the API."""
