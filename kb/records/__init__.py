"""Records of entries: model, loading, validation and lint."""
