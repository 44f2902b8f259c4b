"""The search of a site that is being served: whole, although only changed pages are built again."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final


def keep_whole(folder: str, built: Iterable[str]) -> None:
    """Put what the search knew of other pages back into the index of the last build.

    The theme's own way takes it that one page was built, and forgets all others with the first page.
    """
    path = Path(folder, "search", "search_index.json")
    index = json.loads(path.read_text("utf-8"))
    for url in built:
        _known[url] = [one for one in index["docs"] if one["location"].partition("#")[0] == url]
    index["docs"] = [one for documents in _known.values() for one in documents]
    path.write_text(json.dumps(index, separators=(",", ":")), "utf-8")


_known: Final[dict[str, list[dict[str, Any]]]] = {}
