"""Parts of the lab that are neither the database nor the API."""
