"""Secrets that their surroundings identify: URLs, headers, SQL, files of clients, sentences, messages."""

from typing import Final

from kb.text.masking.marks import MARK
from kb.text.masking.shapes import KEYWORD, Shape

_MARKS: Final = r"""(?:[\\"']|&(?:quot|#39|#x27);){0,8}"""
_HEADER: Final = (
    rf"""{_MARKS}[ \t]{{0,4}}(?:[=-](?:>|&gt;)|[:=]|(?<=["';]),|[ \t](?=["']))[ \t]{{0,4}}(?:{_MARKS}|"""
    rf"""[\[(]{_MARKS})"""
)
_SCHEME: Final = "(?:bearer|basic|token|apikey|negotiate|key)"
_HOST: Final = r"(?:\[[0-9a-fA-F:.]{2,45}\]|[\w.-]{1,255})"
_AFTER_HOST: Final = r"""(?=[:/?#,"'`\s)\]}>;|\\]|$)"""
_CLOSING: Final = r"""(?=["']|&(?:quot|#39|lt);)"""
_RANDOM: Final = r"(?=[^\s\d]{0,80}\d)(?=[^\sA-Za-z]{0,80}[A-Za-z])"
# No possessive quantifiers: Python 3.11.2 of Debian 12 matches them wrongly, which leaks secrets.

URLS: Final[tuple[Shape, ...]] = (
    Shape(
        ("://",), "token", rf"""://(?P<s>{_RANDOM}[^\s:/@?#"',;]{{16,}}):(?:x-oauth-basic|x-token-auth)?@"""
    ),
    # In the part before `@`, `host:5432/` is a port and not a password.
    Shape(
        ("://",),
        "password",
        r"""://[^\s:/@?#"']*:(?!//|\d{1,5}(?:[/?#"'\s,;:)]|$))"""
        r"""(?P<s>(?:(?!://)[^\s"'])+)@""",
    ),
    # A database's password may begin with digits and a slash.
    Shape(
        ("://",),
        "password",
        rf"""(?:postgres|postgresql|mysql|mariadb|mssql|oracle|mongodb|redis|rediss|amqps?)"""
        rf"""(?:\+\w{{1,20}})?://[^\s:/@?#"']*:"""
        rf"""(?P<s>\d{{1,5}}[/?#](?:(?!://)[^\s"'])+)@{_HOST}{_AFTER_HOST}""",
    ),
    Shape(
        ("://",),
        "password",
        rf"""://[^\s:/@?#"']{{0,80}}:(?![\s/]|\d{{1,5}}(?:[/?#"'\s,;:)]|$))(?P<s>(?:(?!://)"""
        rf"""[^\n@]){{1,120}})@{_HOST}{_AFTER_HOST}""",
    ),
    Shape(("://",), "token", rf"""://(?P<s>{_RANDOM}[\w.~%+=-]{{20,}})@"""),
    Shape(
        ("@tcp(", "@unix(", "@udp("),
        "password",
        r"""[\w.-]{1,64}:(?P<s>[^\s"'@]{1,200})@(?:tcp|unix|udp)\d?\(""",
    ),
    Shape(("jdbc:oracle",), "password", r"jdbc:oracle:\w{2,5}:[^\s/@]{1,80}/(?P<s>[^\s@]{1,120})@"),
    # user:password@host:port without a scheme
    Shape(
        ("@",),
        "password",
        r"""(?<![\w/:@.+%-])(?!(?:mailto|sip|sips|xmpp|acct|npm|ssh|git|workspace|sha\d+):)[A-Za-z_]"""
        r"""[\w.-]{0,62}:"""
        r"""(?P<s>(?!//|\d{1,5}:)[^\s@:"'<>/](?:[^\s@:"'<>]{2,120}))@(?!sha\d{3}:)[A-Za-z0-9]"""
        r"""[\w.-]{0,250}(?::\d{1,5}|/[\w?])""",
    ),
)

HEADERS: Final[tuple[Shape, ...]] = (
    Shape(
        ("</", "&lt;/"),
        "secret",
        rf"(?i)(?:<[\w:.-]{{0,40}}(?:{KEYWORD}|[\w.-]key)(?:[ \t][^<>\n]{{0,120}})?>|{MARK})"
        rf"(?P<s>[^<>\n]{{1,400}})(?=</[\w:.-]{{0,40}}(?:{KEYWORD}|[\w.-]key)>)",
        checked=True,
    ),
    Shape(
        ("&lt;/",),
        "secret",
        rf"(?i)&lt;[\w:.-]{{0,40}}{KEYWORD}&gt;(?P<s>[^<>&\n]{{1,400}})&lt;/",
    ),
    Shape(
        ("authorization",),
        "token",
        rf"(?i)authorization{_HEADER}(?:{_SCHEME}(?:[ \t]{{1,4}}|%20|\+)(?:token=)?|(?!{_SCHEME}(?:[ \t]"
        rf"|%20)))"
        r"""(?P<s>(?:digest|aws4-hmac-sha256|sharedaccesssignature|hawk|oauth)[ \t][^\n]*|"""
        r"""[^\s"'&,;\\\])]+)""",
        checked=True,
    ),
    Shape(
        ("bearer",),
        "token",
        r"(?i)bearer(?<!\wbearer)(?:[ \t]{1,4}|%20|\+)(?P<s>(?=[a-z._~+/-]{0,200}\d|[\w.~+/-]{20})"
        r"[\w.~+/-]{8,}={0,2})(?![\w=])",
    ),
    Shape(
        ("cookie",),
        "cookie",
        r"(?i)\bcookie[\\\"']{0,4}[ \t]{0,4}[:=][ \t]{0,4}[\\\"']{0,4}"
        r"(?P<s>[^\s\"'=;]{1,80}=[^\n\"']*)",
    ),
    Shape(
        ("auth=", "auth ="),
        "password",
        r"""auth(?<!\wauth)[ \t]{0,4}=[ \t]{0,4}\([ \t]{0,4}["'][^"'\n]{0,80}["'],[ \t]{0,4}["'](?P<s>"""
        r"""[^"'\n]{1,200})""",
    ),
    Shape(
        ("auth ", 'auth"'),
        "password",
        r"""AUTH(?<!\wAUTH)(?:[ \t]{1,4}|",[ ]?")(?:(?:PLAIN|LOGIN|default|[a-z]\w{0,30})(?:[ \t]{1,4}"""
        r"""|",[ ]?"))?(?P<s>[^\s"',;]{6,})""",
        checked=True,
    ),
)

SQL: Final[tuple[Shape, ...]] = (
    Shape(
        ("password", "identified", "secret", "passwd", "token", "crypt"),
        "password",
        r"(?i)(?:password|passwd|passphrase|identified by(?: password)?|identified(?: with "
        r"[\w'\"]{1,40})? (?:by|as)"
        r"|secret_access_key|session_token|secret|crypt)(?:[ \t]{1,4}|\([ \t]{0,4})"
        r"(?:e|n|u&)?(?:'|&#(?:x27|39);)(?P<s>(?:[^'&\\\n]|&(?!#(?:x27|39);)|\\.|'')+)",
        checked=True,
    ),
    Shape(
        ("pgp_sym_",),
        "secret",
        r"(?i)pgp_sym_\w{5,20}\([^'\n]{1,120}(?:'[^'\n]{0,200}',[ \t]{0,4}|,[ \t]{0,4})'(?P<s>"
        r"[^'\n]{1,200})'\)",
    ),
    Shape(
        ("$",),
        "password",
        r"(?i)(?:password|identified by)[ \t]{1,4}(?P<t>\$\w{0,20}\$)(?P<s>[^$\n]{1,200})\$",
    ),
    Shape(
        ("identified",),
        "password",
        r"""(?i)identified[ \t]{1,4}by[ \t]{1,4}(?:values[ \t]{1,4})?(?:\\{0,7}"|&quot;)?(?P<s>(?<=["])"""
        r"""[^"\\\n]{1,200}|[^\s'"&;,)\\]{3,})""",
        checked=True,
    ),
)

FILES: Final[tuple[Shape, ...]] = (
    Shape(
        (":",),
        "password",
        r"(?m)(?:^|(?<=[\s\"'`(>]))(?![\w./-]{0,80}\.(?:py|c|h|cc|cpp|js|ts|go|rb|java|rs|log|txt|sql"
        r"|yaml|yml):)"
        r"(?:[\w.-]{1,120}|\*):(?:\d{4,5}|\*):(?:[\w.-]{1,63}|\*):(?:[\w.@-]{1,63}|\*):"
        r"(?P<s>[^\s:/](?:[^\n:]|(?<=\\):){2,199})$",
    ),
    Shape(
        ("login",),
        "password",
        r"\b(?:machine\s{1,20}\S{1,120}|default)\s{1,20}login\s{1,20}\S{1,80}\s{1,20}"
        r"(?:account\s{1,20}\S{1,80}\s{1,20})?password\s{1,20}(?P<s>\S{1,200})",
    ),
    Shape(
        ("$",), "password hash", r"\$(?:2[abxy]?|[1567y]|apr1|gy|argon2(?:id|i|d)|scrypt)\$[\w./$=,+-]{16,}"
    ),
    Shape(("pbkdf2",), "password hash", r"pbkdf2[_-]?\w{0,12}[$:]\d{1,8}[$:][\w./+=-]{4,}[$:][\w./+=-]{16,}"),
    Shape(("{sha}", "{ssha"), "password hash", r"\{S?SHA\d{0,3}\}(?P<s>[\w+/=]{16,})"),
    Shape(("scram-sha-",), "password hash", r"(?i)scram-sha-(?:1|256|512)\$[\w+/=:$]+"),
    Shape(("md5",), "password hash", r"(?<![A-Za-z0-9])md5[0-9a-f]{32}(?![0-9a-f])"),
    Shape(
        ("private-lines",), "private key", r"Private-Lines: \d{1,3}\n(?P<s>(?:[\w+/=]{4,80}(?:\n|$)){1,200})"
    ),
)

STRUCTURES: Final[tuple[Shape, ...]] = (
    Shape(('"kty"',), "private key", r'"(?:d|p|q|dp|dq|qi|k)"[ \t]{0,4}:[ \t]{0,4}"(?P<s>[\w-]{20,})'),
)

_NAMED: Final = (
    r"(?:pass(?:word|wd|phrase|code|wort)|pwd|pw(?<!\wpw)|secret|token"
    r"|key(?:(?<=api.key)|(?<=apikey)|(?<=access.key)|(?<=secret.key)|(?<=private.key)|(?<=license.key)))"
)
_BETWEEN: Final = (
    r"(?:[ \t]{1,4}(?:provided|supplied|used|given|we use|in use|value|was|now|changed|set|reset|to|is|of"
    r"|for [\w.@-]{1,40}))"
)
_NOT_RANDOM: Final = (
    r"(?!\d{4}-\d\d-\d\d|\d{1,6}(?:ms|s|m|h|d|th|kb|mb|k)\b|(?:rs|es|hs|ps)(?:256|384|512)\b|v\d{1,4}"
    r"(?:\.\d{1,4})*\b"
    r"|http/\d|cp_\w{4}_?\b)"
)
"""Words with digits that are not secrets."""
SENTENCES: Final[tuple[Shape, ...]] = (
    Shape(
        ("pass", "pw", "secret", "token", "key"),
        "secret",
        rf"(?i){_NAMED}(?:{_BETWEEN}{{1,6}}[ \t]{{0,2}}[:=,]?|[:=,])[ \t]{{1,4}}[\"'`]{{0,1}}"
        rf"(?P<s>{_RANDOM}{_NOT_RANDOM}"
        r"[\w!#$%&*+./=?@^~-]{7,})",
        checked=True,
    ),
    Shape(
        ("pass", "pw", "secret", "token", "key"),
        "secret",
        rf"(?i){_NAMED}[ \t]{{1,4}}(?P<s>{_RANDOM}{_NOT_RANDOM}[\w+=-]{{15,}})",
        checked=True,
    ),
    Shape(
        ("pass", "pw", "secret", "token", "key"),
        "secret",
        rf"(?i){_NAMED}(?:[ \t]{{1,4}}(?:is|was|to|with|given|provided|supplied))?[ \t]{{0,2}}[:=]?"
        rf"[ \t]{{1,4}}"
        rf"\\?[\"'`](?P<s>{_RANDOM}[^\s\"'`]{{7,}})\\?[\"'`]",
        checked=True,
    ),
    Shape(
        ("pass", "pwd"),
        "password",
        rf"(?i)(?:password|passwd|passphrase|pwd)[ \t]{{1,4}}(?P<s>{_RANDOM}{_NOT_RANDOM}\w{{8,}})(?![\w-])",
        checked=True,
    ),
    Shape(("api key provided: ",), "api key", r"(?i)api key provided: (?P<s>[^\s,;.*]{6,})", checked=True),
    Shape(
        ("login ", "login:"),
        "password",
        rf"(?i)login:?[ \t]{{1,4}}[\w.@-]{{1,40}}[ \t]{{0,2}}/[ \t]{{0,2}}(?P<s>{_RANDOM}[^\s,;]{{7,}})(?<!"
        rf"[.:])",
    ),
)

# These are not secrets by name: PostgreSQL and SQLAlchemy quote customer data there.
CUSTOMER_DATA: Final[tuple[Shape, ...]] = (
    Shape(
        ("key (",),
        "value",
        r"(?m)\bKey \([^)\n]{0,200}\)=\((?P<s>(?:(?!Key \()[^\n])*?)\)"
        r"(?= already exists| is not present| is still| conflicts|\.|[ \t]*$)",
    ),
    Shape(
        ("failing row contains (",),
        "values",
        r"(?m)Failing row contains \((?P<s>[^\n]*?)(?=\)\.?[ \t]*$|$)",
    ),
    Shape(("[parameters: ",), "values", r"\[parameters: (?P<s>(?:(?!\[parameters)[^\n])*)\]"),
    Shape(("$",), "value", r"\$\d{1,5} = '(?P<s>(?:[^'\n]|'')*)"),
    Shape(
        ("invalid input ",),
        "value",
        r"invalid input (?:syntax|value) for (?:type|enum) [^:\n]{1,80}: \"(?P<s>[^\n\"]*)",
    ),
)
