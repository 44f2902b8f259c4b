"""Values that are not secrets although the name of one precedes: references, placeholders, prose."""

import re
from typing import Final

CLOSERS: Final = ")]}>,;."
"""Characters that end a value's surroundings rather than the value."""
ROOTS: Final = (
    "app|args|cfg|cls|conf|config|ctx|data|each|env|event|input|local|module|options|opts|os|params"
    "|process|props"
    "|r|req|request|secrets|self|session|settings|state|this|user|var|vault"
)
"""Objects of programs and Terraform whose attributes are references."""
REFERENCE: Final = (
    r"\$\{[^\n]*|\$\([^\n]*|\$[A-Za-z_]\w*|\$\d{1,3}|%\w+%|%s|%\(\w+\)s|\{\{[^\n]*|\{\w*\}|@\w+|\*"
    r"[A-Za-z_-]{1,30}"
    r"|!(?:vault|secret|ref|sub|getatt|env|reference)\b[^\n]*"
    rf"|(?:{ROOTS})(?:(?:\.|->|::)_?[A-Za-z]\w*)+(?:[\[(][^\n]*)?"
    rf"|(?:{ROOTS})\[[^\n]*"
    r"|[A-Za-z_][A-Za-z_.]{2,40}\((?:[A-Za-z_][\w.=,]*|\$?\d{1,3}|[\"'][^\n]*)?\)?"
)
PLACEHOLDER: Final = (
    r"<[^<>\n]*>|\[[A-Za-z ]{0,20}\]?|\*+|\?+|x{3,}|X{3,}|\.{2,}|…|-+|~"
    r"|(?:YOUR|MY|THE)?[_-]?(?:[A-Z]{1,12}_){0,3}(?:PASSWORD|PASSWD|PASS|TOKEN|KEY|SECRET|VALUE|STRING"
    r"|TEXT|FILE)(?:_HERE)?"
)
PATH: Final = (
    r"(?:~|\.{1,2}|/(?:run|etc|var|usr|opt|home|srv|tmp|mnt|app|secrets|root|proc|private))(?:/[\w.@-]+)+"
    r"|[A-Za-z]:\\[^\n]*|file:[^\n]*"
)
TYPES: Final = (
    r"(?:Optional|Union|Maybe|List|list|Option)[\[<][^\n]*|SecretStr|&?'?(?:static )?(?:str|string|String"
    r"|bytes|int|text)"
)
PUBLIC: Final = (
    rf"(?:{REFERENCE}|{PLACEHOLDER}|{PATH}|(?:{TYPES})(?:[ \t]*=[ \t]*(?:None|[A-Za-z_.]{{1,40}}\([^\n]*))?)"
)
_WORD_LIST: Final = (
    "a absent accepted add after again age already an and any are argument as ask at auth "
    "authentication authorization await bad basic be bearer been before blank bool boolean both but by "
    "bytes can cannot change changed char check checks choose copied could default deleted denied "
    "deprecated did differs digest disabled do does done each either empty enabled ends ensure enter "
    "exists expected expire expired expires expiring extra fail failed false field fields for form "
    "format found from function generated get given had has have header headers hidden how if ignored "
    "in include incorrect input int into invalid is it its lacks lambda later length loaded may "
    "mismatch missing must neither never new nil no none not nothing null number of off ok on only "
    "option optional or other out passed please prompt provided read received refused rejected removed "
    "required requires reset return revoked rotated rotation same saved scheme see sent set sets shall "
    "should skip skipped so some stale still stored str string such supplied test text than that the "
    "their then there they this to too true type types unchanged undefined unexpected unknown unset "
    "unsupported updated use used uses using valid value via void was were when where which while who "
    "will with within without would wrong yes you your "
)
WORDS: Final = frozenset(_WORD_LIST.split())
"""English function and status words, and words of programming languages: prose, not the value of a name."""
NAMES: Final = frozenset(("api", "key", "password", "secret", "token"))
"""Words that begin prose only if others follow: alone, they may be a bad password."""
FIRST_WORD: Final = r"[A-Za-z']{1,20}(?![\w@#$%^&*+=/-])"
SENTENCE: Final = r"(?:[A-Za-z' ,;:()<>-]|(?<!\w)\d{1,4}(?!\w)){1,200}[.!?]?"
"""A text that is prose as a whole, if its first word is one of `WORDS`."""
RANDOM: Final = r"(?=[^\d\n]{0,200}\d)(?=[^A-Za-z\n]{0,200}[A-Za-z])[\w+/=.~%-]{8,}"
"""Letters and digits as generators of tokens write them."""


def is_public(value: str) -> bool:
    """Return True for a reference, a placeholder, a path, a type or prose."""
    value = value.strip()
    if re.fullmatch(PUBLIC, value.rstrip(CLOSERS) or value) or re.fullmatch(PUBLIC, value):
        return True
    word = re.match(FIRST_WORD, value)
    known = word and (word[0].lower() in WORDS or (word[0] != value and word[0].lower() in NAMES))
    return bool(known and re.fullmatch(SENTENCE, value))


def looks_random(value: str, least: int = 8) -> bool:
    """Return True for at least `least` letters and digits, both of which occur."""
    return len(value) >= least and bool(re.fullmatch(RANDOM, value))
