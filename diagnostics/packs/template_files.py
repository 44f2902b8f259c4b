"""Files of a new pack, from the templates beside this module."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from kb.records.skeletons.plain import skeleton

TEMPLATE: Final = Path(__file__).with_name("template")
SUFFIX: Final = ".txt"
"""Suffix of the templates, which keeps tools from reading them as code."""
NAME: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
"""Name of a pack: words joined by hyphens."""
RECORD_SCHEMA: Final = "../../../schema.json"
"""Path from a record of a pack to the JSON Schema of records."""


def package_of(name: str) -> str:
    """Return the package of a new pack."""
    return f"clearpay_doctor_{name.replace('-', '_')}"


def template_files(name: str) -> Iterator[tuple[str, str]]:
    """Yield path and text of each file of a new pack, without the schema for editors."""
    package, module = package_of(name), name.replace("-", "_")

    def filled(text: str) -> str:
        return text.replace("@name@", name).replace("@package@", package).replace("@module@", module)

    for path in sorted(TEMPLATE.rglob(f"*{SUFFIX}")):
        yield (
            filled(str(path.relative_to(TEMPLATE)).removesuffix(SUFFIX)),
            filled(path.read_text("utf-8")),
        )
    entry_id = f"{name}-missing-table"
    for file, text in skeleton(entry_id, code=False, schema=RECORD_SCHEMA, check="sql").items():
        yield f"{package}/entries/database/{entry_id}/{file}", text
