"""Search index of a served site: complete, although only changed pages are built again."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final


def merge_search_index(folder: str, built_urls: Iterable[str]) -> None:
    """Add the documents of pages from earlier builds to the index of the last build.

    The theme's own merge assumes that exactly one page was built, and drops all others.
    """
    path = Path(folder, "search", "search_index.json")
    index = json.loads(path.read_text("utf-8"))
    for url in built_urls:
        _documents[url] = [doc for doc in index["docs"] if doc["location"].partition("#")[0] == url]
    index["docs"] = [doc for documents in _documents.values() for doc in documents]
    path.write_text(json.dumps(index, separators=(",", ":")), "utf-8")


_documents: Final[dict[str, list[dict[str, Any]]]] = {}
"""Documents of the index by page URL, kept from one build to the next."""
