"""Screenshots of the terminal interface: the SVG without its varying parts, and a comparable listing."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Final

from tui.app import DoctorApp

REMOVED: Final = (
    re.compile(r"\s*@font-face \{.*?\}", re.DOTALL),
    re.compile(r"\s*<!-- .*? -->"),
    re.compile(r"<clipPath.*?</clipPath>\s*", re.DOTALL),
    re.compile(r' clip-path="[^"]*"'),
    re.compile(r'<text class="\S+-title".*?</text>', re.DOTALL),
    re.compile(r'<g transform="translate\(26,22\)">.*?</g>', re.DOTALL),
    re.compile(r"<text [^>]*>\s*</text>"),
)
"""Web fonts, the window frame with its buttons, and empty texts."""
STYLES: Final = re.compile(r"\.terminal-(r\d+) \{ (.*?) \}")
TEXTS: Final = re.compile(
    r'<text class="terminal-(r\d+)" x="([\d.]+)" y="([\d.]+)"[^>]*>(.*?)</text>', re.DOTALL
)
RECTS: Final = re.compile(r'<rect fill="(#\w+)" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)"')
COLOURS: Final = re.compile(r"#([0-9a-fA-F]{2})([0-9a-fA-F]{2})([0-9a-fA-F]{2})\b")


def picture(app: DoctorApp) -> str:
    """Return the screen as SVG for a browser; the same screen gives the same text."""
    svg = re.sub(r"terminal-\d+-", "terminal-", app.export_screenshot(title=""))
    for pattern in REMOVED:
        svg = pattern.sub("", svg)
    return "".join(f"{line.rstrip()}\n" for line in svg.splitlines() if line.strip())


def painted(svg: str) -> list[str]:
    """Return the texts and backgrounds from top to bottom, each with row, column and style."""
    return [line for _, line in sorted(_painted(svg))]


def _painted(svg: str) -> Iterator[tuple[tuple[float, float], str]]:
    styles = dict(STYLES.findall(svg))
    for name, x, y, text in TEXTS.findall(svg):
        yield (float(y), float(x)), f"{_row(y)} {_column(x)}  {styles[name]}  {unescape(text)}"
    for colour, x, y, width in RECTS.findall(svg):
        place = float(y), float(x)
        yield place, f"{_row(y)} {_column(x)}  ground {colour}  {_column(width)} wide"


def _row(y: str) -> str:
    return f"{int(float(y) / 24.4):>2}"


def _column(x: str) -> str:
    return f"{round(float(x) / 12.2):>3}"


def coloured(svg: str) -> list[str]:
    """Return the colours that are not grey."""
    shades = [shade for line in painted(svg) for shade in COLOURS.finditer(line)]
    return sorted({shade[0] for shade in shades if len({part.lower() for part in shade.groups()}) > 1})
