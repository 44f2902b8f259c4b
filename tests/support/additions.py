"""Harmless additions to a text, none of which changes what the text is about."""

from collections.abc import Callable, Mapping
from typing import Final

from kb.matching.parsed_text import ParsedText
from kb.text.logs.records import is_printed

REDIS: Final = "2026-11-29 18:00:07,120 INFO cache redis connection ok, 12 keys"
KAFKA: Final = "2026-11-29T18:00:07Z INFO kafka.consumer joined group orders with generation 4"
NGINX: Final = '10.0.0.7 - - [29/Nov/2026:18:00:07 +0000] "GET /health HTTP/1.1" 200 2 "-" "nginx-probe"'
MYSQL: Final = "2026-11-29 18:00:07 [Note] mysqld: ready for connections. Version: '8.0.36'"
GIT: Final = "release v42 of git sha 3f2a9c1d77be"
EMAIL: Final = "contact: email ops@shop.example"
PROSE: Final = (
    "We noticed this on Monday morning when the first customers of the week called our support line, "
    "and since then two of us have looked at dashboards without a result. The shop itself was deployed "
    "last Thursday, the only change was a new colour of the header and a text on the page of the summer "
    "sale. The team in the other office has the same version and sees nothing of the kind, although "
    "their traffic is lower in the mornings and most of their visitors come from other countries. If "
    "somebody has seen this before we would be glad to hear about it, and we can send more details, "
    "pictures or a recording of our screen if that is of any use to you. Our manager asks each hour "
    "when it will be over, so a rough guess would already help us a lot. Many greetings from all of us, "
    "and thank you in advance for your time and your patience with our long description of it."
)
QUIET: Final = [
    f"2026-11-29 17:{minute:02}:{second:02},000 INFO shop.orders order {minute}{second} stored"
    for minute in range(40, 60)
    for second in range(0, 60, 2)
]


def _between(line: str) -> Callable[[str], str]:
    return lambda text: f"{line}\n{text}\n{line}"


def _swapped(text: str) -> str:
    """Swap letters in each seventh word of a text that a person typed; programs swap none."""
    lines = text.split("\n")
    if ParsedText(text).is_printed or any(is_printed(line) for line in lines):
        return text
    return "\n".join(
        " ".join(
            f"{word[0]}{word[2]}{word[1]}{word[3:]}"
            if at % 7 == 6 and word.isalpha() and len(word) > 4
            else word
            for at, word in enumerate(line.split(" "))
        )
        for line in lines
    )


ADDITIONS: Final[Mapping[str, Callable[[str], str]]] = {
    "a line of redis before": lambda text: f"{REDIS}\n{text}",
    "a line of redis behind": lambda text: f"{text}\n{REDIS}",
    "lines of redis around": _between(REDIS),
    "lines of kafka around": _between(KAFKA),
    "lines of nginx around": _between(NGINX),
    "lines of mysql around": _between(MYSQL),
    "a git sha behind": lambda text: f"{text}\n{GIT}",
    "an address behind": lambda text: f"{text}\n{EMAIL}",
    "a greeting": lambda text: f"Hi all,\n\n{text}",
    "an introduction": lambda text: f"We have had this problem since Monday.\n{text}",
    "a signature": lambda text: f"{text}\n\nBest regards\nKim",
    "600 quiet lines before": lambda text: "\n".join([*QUIET, text]),
    "600 quiet lines behind": lambda text: "\n".join([text, *QUIET]),
    "Error: before": lambda text: f"Error: {text}",
    "an aside behind": lambda text: f"{text} (our other service uses mysql and is fine)",
    "150 words of prose behind": lambda text: f"{text}\n\n{PROSE}",
    "swapped letters in what a person typed": _swapped,
}
