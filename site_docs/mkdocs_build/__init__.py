"""Steps of the MkDocs build: generated pages, search index, minification."""
