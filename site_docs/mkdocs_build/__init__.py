"""Steps of the MkDocs build: generated pages, Markdown copies, search index of a served site."""
