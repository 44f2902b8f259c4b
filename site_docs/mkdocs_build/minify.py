"""Minification of pages: removes markup and white space that change nothing for the reader."""

import re

_PLAIN = re.compile(r'<span class="(?:w|n|p|nb|o|ow|sa|vm)">([^<]*)</span>')
"""White space, names, punctuation and operators: a third of the size of a page with SQL."""
_TOKEN_KIND = re.compile(r'<span class="(?:(s[12bcis])|(k[dnprt])|(n[cen]))">')
"""Kinds of strings, keywords and names; the theme has one colour for each of the three families."""
_SAME_CLASS = re.compile(r'<span class="(\w+)">[^<]*</span>(?:<span class="\1">[^<]*</span>)+')
_INDENT = re.compile(r"\n\s+")
_NAVIGATION = re.compile(r'(class="md-nav__link">\n)<span class="md-ellipsis">\n([^<]*)\n</span>')
_CELL_ENDS = re.compile(r"</t[dh]>\n(?:(?=<t[dh][ >])|</tr>\n(?=<tr>|</t))")
"""End tags that HTML makes optional before the next cell or row: a tenth of the size of a long table."""
_ARTICLE = re.compile(r"(<article.*</article>)", re.DOTALL)


def minify_code(html: str) -> str:
    """Return the content of a page with one span for each run of one colour, and none for plain text."""
    html = _PLAIN.sub(r"\1", html).replace("<pre><span></span><code>", "<pre><code>")
    return _SAME_CLASS.sub(_merge_spans, _TOKEN_KIND.sub(_family_span, html))


def _family_span(span: re.Match[str]) -> str:
    name = "s" if span[1] else "k" if span[2] else "nf"
    return f'<span class="{name}">'


def _merge_spans(spans: re.Match[str]) -> str:
    return spans[0].replace(f'</span><span class="{spans[1]}">', "")


def minify_page(html: str) -> str:
    """Return a finished page without optional end tags of tables, and without indents outside the article.

    This must run after the search has read the content: without the end tags, it joins words of two cells.
    """
    parts = _ARTICLE.split(_CELL_ENDS.sub("", html).replace("<tr>\n<t", "<tr><t"))
    return "".join(part if number % 2 else _minify_frame(part) for number, part in enumerate(parts))


def _minify_frame(html: str) -> str:
    return _NAVIGATION.sub(r"\1\2", _INDENT.sub("\n", html))
