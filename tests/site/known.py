"""What the site is made from, read once for all of its tests."""

from functools import cache

from site_docs.facts import load_facts
from site_docs.file import File
from site_docs.generate import generate

FACTS = load_facts()


@cache
def shipped() -> dict[str, File]:
    """Every page and data file of the shipped records."""
    return generate(FACTS)
