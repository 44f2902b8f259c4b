"""HTTP requests with a hard deadline, and the classification of their failures."""
