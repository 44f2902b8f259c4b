"""Settings of the template engine and the highlighter that leave out HTML without a meaning."""

from jinja2 import Environment
from pygments.token import STANDARD_TYPES, Name, Operator, Punctuation, Whitespace


def drop_blank_lines(env: Environment) -> None:
    """Let templates write no line for a tag alone; the theme's have several thousand of them."""
    env.trim_blocks = env.lstrip_blocks = True


def drop_plain_tokens() -> None:
    """Write tokens that have the colour of the text without an element of their own.

    Pygments leaves out the element of a token whose short name is empty.
    """
    for token in (Whitespace, Name, Operator, Punctuation):
        STANDARD_TYPES[token] = ""
