"""Secrets in command lines, as a shell writes them and as lists of arguments."""

from typing import Final

from kb.text.masking.shapes import KEYWORD, Shape

_MARK: Final = r"""(?:\\{0,3}["']|&(?:quot|#39|#34|#x27);)"""
_NEXT: Final = rf"""(?:[ \t]{{1,8}}{_MARK}?|{_MARK},?[ \t]{{0,4}}(?={_MARK}){_MARK})"""
"""Between two arguments, with the mark that opens the second."""
_WORD: Final = (
    r"""(?:(?<=")[^"\n]{1,400}|(?<=')[^'\n]{1,400}|(?:[^\s"'|;&,\\]|\\(?!["'])|["'](?=\w)|[,;&](?=\w)"""
    r"""(?!quot;))(?:[^\s"'|;&\\]|\\(?!["'])|["'](?=\w)|[,;&](?=\w)(?!quot;)){0,400})"""
)


def _option(programs: str, option: str, secret: str = _WORD, name: str = "password") -> Shape:
    """Return the shape of an option of certain programs; `option` is a pattern that ends before its value."""
    hints = tuple(programs.split())
    pattern = "|".join(rf"{program}(?<!\w{program})" for program in hints)
    return Shape(
        hints,
        name,
        rf"(?:{pattern})\b[^\n|]{{0,300}}?(?<=[\s\"';])(?:{option})(?P<s>{secret})",
        checked=True,
    )


_FLAG: Final = (
    r"(?:pass(?:word|wd|phrase|code)?|pwd?|token|secret|api-?key|access-?key|auth-?key|account-?key"
    r"|storepass|keypass"
    r"|oauth2-bearer)"
)

COMMANDS: Final[tuple[Shape, ...]] = (
    Shape(
        ("-pass", "-p", "-token", "-secret", "key", "bearer"),
        "password",
        rf"(?i)-(?<![\w-]-)-?(?:[a-z0-9]{{1,20}}[-_.]){{0,4}}?{_FLAG}{_NEXT}(?!-[\w-])(?P<s>{_WORD})",
        checked=True,
    ),
    _option(
        "curl",
        rf"-[a-zA-Z]{{0,6}}[uU](?:{_NEXT})?[^\s:\"'/]{{1,80}}:(?!//)",
        r"""[^"'\n&]{1,200}(?=["'&])|[^\s"']{1,200}""",
    ),
    _option(
        "curl",
        rf"--(?:user|proxy-user)(?:{_NEXT}|=[\"']?)[^\s:\"'/]{{1,80}}:",
        r"""[^"'\n&]{1,200}(?=["'&])|[^\s"']{1,200}""",
    ),
    Shape(
        ("http -a", "https -a", "xh -a"),
        "password",
        r"(?:https?|xh) -a[ \t]{1,4}[\"']?[^\s:\"']{1,80}:(?P<s>[^\s\"']{1,200})",
    ),
    _option(
        "mysql mysqldump mysqladmin mysqlsh mariadb mariadb-dump mariadb-admin mysqlimport mycli",
        r"-p",
        r"""(?:'[^'\n]{1,200}'|"[^"\n]{1,200}"|[^\s"'|;&,]{1,200})""",
    ),
    _option("mysqladmin", rf"password{_NEXT}"),
    Shape(
        ("-u ",),
        "password",
        r"(?:^|(?<=\s))-u[ \t]{1,4}[\"']?[\w.@-]{1,80}:(?!//|\d{1,5}[\s\"'])(?P<s>[^\s\"']{1,200})"
        r"(?=[\"']?[ \t][^\n]{0,200}https?://)",
        checked=True,
    ),
    _option("openssl", rf"-k{_NEXT}"),
    _option("sshpass", rf"-p(?:{_NEXT}|[\"'])?"),
    _option("redis-cli valkey-cli", rf"-a{_NEXT}"),
    _option("login", rf"(?:-p|--password-stdin){_NEXT}"),
    _option("ldapsearch ldapmodify ldapadd ldapwhoami ldapdelete ldappasswd", rf"-w{_NEXT}"),
    _option("sqlcmd bcp osql", rf"-P(?:{_NEXT})?"),
    _option("zip unzip", rf"-P{_NEXT}"),
    _option("7z 7za", r"-p", r"[^\s\"']{1,200}"),
    _option("mongo mongosh mongodump mongorestore cqlsh clickhouse-client influx", rf"-p{_NEXT}"),
    _option("vault", rf"login{_NEXT}", name="token"),
    _option(
        "htpasswd", rf"-[a-zA-Z]{{0,6}}b[a-zA-Z]{{0,6}}{_NEXT}[^\s\"']{{1,200}}{_NEXT}[^\s\"']{{1,80}}{_NEXT}"
    ),
    _option("rabbitmqctl", rf"(?:add_user|change_password|authenticate_user){_NEXT}[^\s\"']{{1,80}}{_NEXT}"),
    _option("smbclient rpcclient", rf"-U{_NEXT}[^\s%\"']{{1,80}}%", r"""[^\s"']{1,200}"""),
    Shape(
        ("-passin", "-passout", "-pass "),
        "password",
        r"-pass(?:in|out)?(?:[ \t]{1,4}|[\"'],[ \t]?[\"'])pass:(?P<s>[^\s\"']{1,200})",
    ),
    Shape(("/pass:", "/password:"), "password", r"(?i)[ \t]/(?:pass|password|p):(?P<s>[^\s]{1,200})"),
    Shape(
        ("net use",), "password", r"(?i)net use\b[^\n]{0,200}?/user:\S{1,80}[ \t]{1,4}(?P<s>[^\s/*]\S{0,200})"
    ),
    Shape(
        ("sudo -s",),
        "password",
        r"echo[ \t]{1,4}(?:-n[ \t]{1,4})?(?P<s>'[^'\n]{1,200}'|\"[^\"\n]{1,200}\"|\S{1,200})[ \t]{0,4}\|"
        r"[ \t]{0,4}sudo[ \t]{1,4}-S",
    ),
    Shape(
        ("chpasswd",),
        "password",
        r"echo[ \t]{1,4}[\"']?[\w.-]{1,40}:(?P<s>[^\s\"']{1,200})[\"']?[ \t]{0,4}\|[ \t]{0,4}(?:sudo"
        r"[ \t]{1,4})?chpasswd",
    ),
    Shape(
        ("sqlplus", "sqlldr", "expdp", "impdp", "rman"),
        "password",
        r"\b(?:sqlplus|sqlldr|expdp|impdp|rman)\b[^\n/]{0,80}[ \t][\"']?[\w$#]{1,40}/(?P<s>[^\s@/\"']"
        r"[^\s@\"']{0,120})",
    ),
    Shape(
        ("--from-literal",),
        "secret",
        r"--from-literal(?:=|[ \t]{1,4})[\"']?[\w.-]{1,80}=(?P<s>[^\s\"']{1,400}|\"[^\"\n]{1,400}|'"
        r"[^'\n]{1,400})",
    ),
    Shape(
        ("setx ", "set ", "env ", "env:", "secret set", "config:set", "configure set"),
        "secret",
        rf"(?i)(?:setx|set(?:[ \t]-\w{{1,4}})?|env|-path[ \t]env:)[ \t]{{0,4}}(?:\w{{0,40}}?)(?:{KEYWORD}"
        rf"|pass|key)(?:_\w{{1,12}})?"
        rf"(?:[ \t]{{1,4}}(?:-value|--body|--value)?[ \t]{{0,4}}|[ \t]{{1,4}})(?![=:-])(?P<s>{_WORD})",
        checked=True,
    ),
)
