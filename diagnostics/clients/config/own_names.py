"""Keys of a configuration file under the names that the application gives them, `[target.x.config.names]`."""

from collections.abc import Mapping
from dataclasses import replace

from diagnostics.clients.config.readers.env import PREFIX
from diagnostics.clients.config.tree import Section


def forms_of(name: str) -> frozenset[str]:
    """Return the names under which a reader gives a key: that of environment files changes their case."""
    return frozenset({name, name.lower().removeprefix(PREFIX)})


def known_keys(keys: frozenset[str], names: Mapping[str, str]) -> frozenset[str]:
    """Return the keys of a role as the application's file has them; `names` has its own by our key."""
    return frozenset(form for key in keys for form in (forms_of(names[key]) if key in names else {key}))


def with_our_keys(section: Section, names: Mapping[str, str]) -> Section:
    """Return the section with our keys in the place of the application's own."""
    ours = {form: key for key, name in names.items() for form in forms_of(name)}
    kept = {key: node for key, node in section.table.items() if key not in names and key not in ours}
    renamed = {ours[key]: node for key, node in section.table.items() if key in ours}
    return replace(section, table=kept | renamed)
