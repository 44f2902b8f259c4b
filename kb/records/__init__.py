"""Records of entries: their model, loading, validation and lint."""
