"""Reference of `clearpay-doctor.toml`, generated from the dataclasses that validate it."""

from collections.abc import Iterator

from diagnostics.targets.keys import SECRET, Key, KeySection, key_sections
from site_docs.file import File
from site_docs.markup import page, prose, table

PATH = "target-file.md"


def target_file_page() -> File:
    """Return the page with a table of keys for each section."""
    lines = [
        "# The target file, key by key",
        "",
        "`clearpay-doctor.toml` is searched in the working directory and its parents, then in the user's",
        "configuration folder; `--config` names another file. `--set KEY=VALUE` overrides any key for one",
        "run, also when the target is a URL.",
        "An unknown key or an invalid value is an error whose one line names the key.",
        "",
        *(line for section in key_sections() for line in _section(section)),
    ]
    return File(PATH, page("The target file, key by key", "Every key of clearpay-doctor.toml.", lines))


def _section(section: KeySection) -> Iterator[str]:
    """Yield a heading, the meaning and the table of keys."""
    if section.place == SECRET:
        meaning = (
            "A secret is a table with the source of its value, or the value itself, which is warned about."
        )
        yield from ("## A secret { #secret }", "", prose(meaning), "")
    elif section.place:
        yield from (f"## `[{section.place}]` {{ #{_anchor(section.place)} }}", "", prose(section.meaning), "")
    else:
        yield from ("## Top level { #top }", "")
    rows = (
        [f"`{key.name}`", _type(key, section.place), _default(key), prose(key.meaning)]
        for key in section.keys
    )
    yield from table(["Key", "Type", "Default", "Meaning"], rows)


def _type(key: Key, place: str) -> str:
    if key.type == "table":
        return f"[table](#{_anchor(f'{place}.{key.name}')})"
    return "[secret](#secret)" if key.type == "secret" else key.type


def _default(key: Key) -> str:
    if key.required:
        return "**required**"
    return f"`{key.default}`" if key.default else ""


def _anchor(place: str) -> str:
    return place.lower().replace(".", "-").replace("_", "-")
