"""Facts and generated files of the shipped records, shared by the tests of the site."""

from functools import cache

from site_docs.facts import load_facts
from site_docs.file import File
from site_docs.generate import generate

FACTS = load_facts()


@cache
def shipped_files() -> dict[str, File]:
    """Generate every page and data file of the shipped records once."""
    return generate(FACTS)
