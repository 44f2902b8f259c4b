"""Write invented secrets in random notations and check that masking hides them, in linear time.

A text is built from a name, a sign, quotation marks and a secret, put into surroundings, encoded and put
among other lines. No six characters in a row of the secret may be left. Long texts of repeated pieces must
not take more time than their length explains. Each failure is printed with its seed, which repeats it.

Usage: python -m tests.tools.fuzz_masking [--seconds N] [--seed S]
"""

import argparse
import html
import json
import random
import re
import string
import sys
import time
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from diagnostics.redaction import Redactor
from kb.text.sanitize import clean, mask_secrets, strip_controls
from tests.support.growth import growth_of

LETTERS = string.ascii_letters + string.digits
WINDOW = 6
"""Characters of a secret in a row that must not be left."""
WORDS = (
    *(
        "password",
        "passwd",
        "pwd",
        "passphrase",
        "secret",
        "token",
        "api key",
        "access token",
        "client secret",
    ),
    *(
        "secret key",
        "auth token",
        "private key",
        "encryption key",
        "refresh token",
        "db password",
        "signing key",
    ),
    *("account key", "smtp pass", "db pw", "pg password", "redis password", "webhook secret", "jwt secret"),
)
BEFORE = ("", "", "", "db", "app", "spring.datasource", "prod", "x", "my", "clearpay")
AFTER = ("", "", "", "", "2", "_old", "_prod", "_value")
NOISE = (
    "2026-11-22T02:00:07Z INFO started",
    'FATAL:  password authentication failed for user "app_user"',
    "connection refused; is the server running?",
    "Traceback (most recent call last):",
    '  File "pay.py", line 3, in <module>',
    "GET /v1/payments?page=2 HTTP/1.1",
    "see https://db.internal:5432/users and mail ops@example.com",
    "{",
    "}",
    "kind: ConfigMap",
    "don't panic",
    "'",
    '"',
    "<password>",
    "token: <token:1>",
)
PREFIXES = (
    *(
        "",
        "",
        "",
        "  ",
        "\t",
        "- ",
        "export ",
        "app_1  | ",
        "2026-11-22 02:00:07,123 ERROR pay: ",
        "> ",
        "// ",
    ),
    *(
        "Nov 22 02:00:07 pay-1 app[7]: ",
        "[22/Nov/2026] ",
        "\x1b[31m",
        "$ ",
        "+ ",
        '"',
        "`",
        "(",
        "E   ",
        "E, [7] -- : ",
    ),
)
LOG_PREFIXES = (
    "",
    "",
    "  ",
    "app_1  | ",
    "2026-11-22 02:00:07,123 ERROR pay: ",
    "Nov 22 02:00:07 pay-1 app[7]: ",
    "> ",
)
SUFFIXES = (
    "",
    "",
    "",
    ";",
    ",",
    ")",
    " # note",
    "\x1b[0m",
    "`",
    " host=db",
    "\r",
    ".",
    " HTTP/1.1",
    '"',
    "'",
)


@dataclass(frozen=True, slots=True)
class Case:
    """A text with a secret."""

    text: str
    secret: str
    known: bool
    """True if the secret is known before, so that encodings of it must be masked too."""

    def leak(self) -> str:
        """Return a part of the secret that masking leaves, or an empty string."""
        masked = [mask_secrets(strip_controls(self.text)), clean(self.text).text]
        if self.known:
            redactor = Redactor()
            redactor.learn(self.secret, "password")
            masked = [redactor(self.text)]
        windows = (self.secret[at : at + WINDOW] for at in range(len(self.secret) - WINDOW + 1))
        return next((window for window in windows if any(window in text for text in masked)), "")


def main() -> int:
    """Run cases until the time is over and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    options = parser.parse_args()
    number, slow, leaks = run(options.seed, options.seconds)
    for line in [*leaks, *slow]:
        print(line, file=sys.stderr)
    print(f"seed {options.seed}: {number} cases, {len(leaks)} leaks, {len(slow)} slow texts")
    return 1 if leaks or slow else 0


def run(seed: int, seconds: float, max_cases: int = 10**9) -> tuple[int, list[str], list[str]]:
    """Return the number of cases, the slow texts and the leaks, both as lines for a reader."""
    until = time.monotonic() + seconds
    number, slow, leaks = 0, [], []
    while number < max_cases and time.monotonic() < until:
        generator = random.Random(f"{seed}/{number}")  # noqa: S311  a repeatable choice, not a secret
        case = any_case(generator)
        if leak := case.leak():
            leaks.append(f"leak {seed}/{number}: {leak!r} of {case.secret!r} in {case.text!r}")
        if number % 200 == 0 and (growth := growth_of(clean, repeated(generator))):
            slow.append(f"slow {seed}/{number}: {growth}")
        number += 1
    return number, slow, leaks


def any_case(generator: random.Random) -> Case:
    """Return a random text with a secret."""
    secret = any_secret(generator)
    if generator.random() < 0.15:
        form = generator.choice(ENCODINGS)
        around = ["".join(generator.choices(LETTERS, k=generator.randrange(3))) for _ in range(2)]
        return Case(f"{generator.choice(NOISE)} x={form(secret)} {around[0]}", secret, known=True)
    text = generator.choice(NOTATIONS)(generator, secret)
    if "kind: Secret" not in text:
        text = generator.choice(LINE_WRAPPERS if "\n" not in text else WRAPPERS)(text)
    if "\n" in text:
        prefix, suffix = generator.choice(LOG_PREFIXES), ""
    else:
        prefix, suffix = generator.choice(PREFIXES), generator.choice(SUFFIXES)
    text = "\n".join(f"{prefix}{line}{suffix}" for line in text.split("\n"))
    lines = [text, *generator.choices(NOISE, k=generator.randrange(4))]
    position = generator.randrange(len(lines))
    lines[0], lines[position] = lines[position], lines[0]
    return Case("\n".join(lines), secret, known=False)


def any_secret(generator: random.Random) -> str:
    """Return a secret as a generator of passwords or tokens writes it."""
    size = generator.choice((12, 16, 20, 24, 32, 40))
    secret = "".join(generator.choices(LETTERS, k=size))
    return secret if re.search(r"\d", secret) and re.search(r"[a-z]", secret) else f"{secret[:-3]}q7z"


def any_name(generator: random.Random) -> str:
    """Return the name of a secret in one of the usual spellings."""
    words = generator.choice(WORDS).split()
    if before := generator.choice(BEFORE):
        words.insert(0, before)
    style = generator.randrange(5)
    if style == 0:
        return "_".join(words).upper() + generator.choice(AFTER).upper()
    if style == 1:
        return words[0] + "".join(word.title() for word in words[1:])
    joiner = generator.choice("_-.") if style == 2 else "_"
    # A dot or hyphen between the words of `api key` is not written.
    name = joiner.join(words) if "key" not in words else "_".join(words)
    return name + generator.choice(AFTER)


def assignment(generator: random.Random, secret: str) -> str:
    """Return `name = secret` with any sign and quotation marks."""
    sign = generator.choice(("=", "=", ": ", ":", " = ", "  =  ", " := ", " => ", "=>", " -> "))
    mark = generator.choice(("", '"', "'", "`"))
    if "=>" in sign or "->" in sign:
        mark = mark or '"'
    key_mark = generator.choice(("", '"', "'"))
    return f"{key_mark}{any_name(generator)}{key_mark}{sign}{mark}{secret}{mark}"


def json_object(generator: random.Random, secret: str) -> str:
    """Return a JSON object or a Python dict."""
    value = {"host": "db", any_name(generator): secret, "port": 5432}
    text = json.dumps(value) if generator.random() < 0.5 else repr(value)
    for _ in range(generator.choice((0, 0, 1, 2))):
        text = json.dumps({"message": text})
    return text


def url(generator: random.Random, secret: str) -> str:
    """Return a URL with a password, which may have characters that should be encoded."""
    scheme = generator.choice(
        ("postgresql", "postgres", "mysql", "redis", "amqps", "https", "mongodb+srv", "ftp")
    )
    odd = generator.choice(
        ("", "", "", "/", "?", "#", "@", "%40", "!", "&", "=", "+", "$", "*", "(", ";", ",")
    )
    user = generator.choice(("app", "app_user", "svc.pay", "a-b"))
    at = generator.randrange(1, len(secret))
    password = secret[:at] + odd + secret[at:] if not secret[:at].isdigit() else secret
    return f"{scheme}://{user}:{password}@db.internal:{generator.choice((5432, 80))}/pay"


def query(generator: random.Random, secret: str) -> str:
    """Return a query string or a form."""
    sign, join = generator.choice((("=", "&"), ("%3D", "%26"), ("=", "&amp;"), ("=", ";")))
    name = re.sub(r"[.]", "_", any_name(generator))
    start = generator.choice(("https://api.example/v1?page=2", "grant_type=x", "/cb?state=1"))
    return f"{start}{join}{name}{sign}{secret}{join}limit=5"


def dsn(generator: random.Random, secret: str) -> str:
    """Return a connection string."""
    form = generator.choice(
        (
            "host=db user=app password={} dbname=pay",
            "host=db password='{}' user=app",
            "Server=db;User Id=sa;Password={};Encrypt=True",
            "Driver=x;Uid=a;Pwd={{{}}};",
            "app:{}@tcp(db:3306)/pay",
            "AccountName=a;AccountKey={};EndpointSuffix=x",
            "jdbc:postgresql://db/pay?user=app&password={}&ssl=true",
            "db.internal:5432:pay:app:{}",
            "machine h login app password {}",
        )
    )
    return form.format(secret)


def command(generator: random.Random, secret: str) -> str:
    """Return a command line, or its words as a list."""
    words = generator.choice(
        (
            ["curl", "-u", f"app:{secret}", "https://api.example"],
            ["curl", "--user", f"app:{secret}", "https://api.example"],
            ["mysql", "-uroot", f"-p{secret}", "pay"],
            ["pg", "--password", secret, "-h", "db"],
            ["pg", f"--db-password={secret}"],
            ["pg", "--api-key", secret, "run"],
            ["sshpass", "-p", secret, "ssh", "h"],
            ["redis-cli", "-a", secret, "PING"],
            ["docker", "login", "-u", "a", "-p", secret, "r.example"],
            ["env", f"DB_PASSWORD={secret}", "app"],
        )
    )
    form = generator.randrange(3)
    return " ".join(words) if form == 0 else json.dumps(words) if form == 1 else repr(words)


def header(generator: random.Random, secret: str) -> str:
    """Return a header of HTTP."""
    name, value = generator.choice(
        (
            ("Authorization", f"Bearer {secret}"),
            ("Authorization", f"Token {secret}"),
            ("authorization", f"Basic {secret}"),
            ("X-Api-Key", secret),
            ("X-Auth-Token", secret),
            ("Cookie", f"session={secret}"),
            ("Set-Cookie", f"sid={secret}; Path=/"),
        )
    )
    form = generator.choice(("{}: {}", "'{}': '{}'", '"{}": "{}"', "-H '{}: {}'", '("{}", "{}")', "{} => {}"))
    form = form if "ookie" not in name else "{}: {}"
    return form.format(name, value)


def pair(generator: random.Random, secret: str) -> str:
    """Return a name and a value as two fields or elements."""
    name = generator.choice(("DB_PASSWORD", "api_token", "clientSecret", "SMTP_PASSWORD", "db.password"))
    form = generator.choice(
        (
            "- name: {}\n  value: {}",
            '- name: "{}"\n  value: "{}"',
            '{{"name": "{}", "value": "{}"}}',
            "{{'Name': '{}', 'Value': '{}'}}",
            '<property name="{}" value="{}"/>',
            '<entry key="{}">{}</entry>',
            '{{"key":"{}","type":"text","value":"{}"}}',
        )
    )
    return form.format(name, secret)


def block(generator: random.Random, secret: str) -> str:
    """Return a YAML block, the data of a Kubernetes Secret or a private key."""
    body = "".join(generator.choices(LETTERS, k=64))
    form = generator.choice(
        (
            "password: |\n  {}\nhost: db",
            "token: >-\n    {}\nport: 1",
            "kind: Secret\ndata:\n  conn: {}\n",
            "data:\n  who: {}\nkind: Secret\n",
            f"-----BEGIN PRIVATE KEY-----\n{body}\n{{}}\n-----END PRIVATE KEY-----",
            f"-----BEGIN RSA PRIVATE KEY-----\n{body}\n{{}}",
        )
    )
    return form.format(secret)


def statement(generator: random.Random, secret: str) -> str:
    """Return an SQL statement with a password."""
    form = generator.choice(
        (
            "ALTER ROLE app PASSWORD '{}';",
            "alter user app with encrypted password e'{}'",
            "CREATE ROLE app LOGIN PASSWORD $x${}$x$;",
            "CREATE USER app IDENTIFIED BY '{}'",
            'CREATE USER app IDENTIFIED BY "{}";',
            "CREATE LOGIN a WITH PASSWORD = N'{}'",
            "CREATE SUBSCRIPTION s CONNECTION 'host=h password={} user=r' PUBLICATION p",
        )
    )
    return form.format(secret)


def vendor(generator: random.Random, secret: str) -> str:
    """Return a token with the prefix of a vendor, in a sentence."""
    prefix = generator.choice(
        ("ghp_", "glpat-", "sk-ant-api03-", "npm_", "hf_", "sk_live_", "hvs.", "xoxb-1234-")
    )
    return f"{generator.choice(('using', 'with', 'got'))} {prefix}{(secret + secret[::-1] + secret)[:48]}"


NOTATIONS: tuple[Callable[[random.Random, str], str], ...] = (
    *(assignment, assignment, json_object, json_object, url, url, query, dsn, command, header, pair, block),
    *(statement, vendor),
)
WRAPPERS: tuple[Callable[[str], str], ...] = (
    *(str, str, str),
    lambda text: json.dumps(text)[1:-1],
    lambda text: json.dumps({"level": "error", "msg": f"got {text}"}),
    repr,
)
LINE_WRAPPERS: tuple[Callable[[str], str], ...] = (
    *WRAPPERS,
    html.escape,
    lambda text: f"ValueError: {text}",
)
ENCODINGS: tuple[Callable[[str], str], ...] = (
    str,
    str.upper,
    str.lower,
    lambda text: text[:12],
    lambda text: text[: max(12, len(text) - 1)],
    lambda text: b64encode(text.encode()).decode(),
    lambda text: b64encode(f"app:{text}".encode()).decode(),
    lambda text: b64encode(f"ab{text}xyz".encode()).decode(),
    lambda text: text.encode().hex(),
    lambda text: text.encode().hex().upper(),
    lambda text: "".join(f"%{ord(character):02X}" for character in text),
    lambda text: "".join(f"%{ord(character):02x}" for character in text),
    lambda text: quote(text, safe=""),
    json.dumps,
)
PIECES = (
    *(
        "password",
        "token",
        "secret",
        "key",
        "pw",
        "=",
        ": ",
        '"',
        "'",
        "\\",
        " ",
        "\n",
        "{",
        "}",
        "[",
        "(",
        ",",
        ";",
    ),
    *(
        "://",
        "@",
        "a:b",
        "a1b2",
        "&",
        "?",
        "<",
        ">",
        "</",
        "eyJ",
        ".",
        "-----BEGIN PRIVATE KEY-----",
        "\n  ",
        "|",
    ),
    *(
        "-----END PRIVATE KEY-----",
        "4111 ",
        "1-",
        "Key (a)=(",
        "[parameters: ",
        "--password ",
        "$1 = '",
        "\x1b[",
    ),
    *(
        "kind: Secret\n",
        "data:\n",
        "name: ",
        "value: ",
        "curl ",
        "-u ",
        "mysql ",
        "machine h login u ",
        "%3D",
        "&quot;",
    ),
    *(
        "AKIA",
        "sk-",
        "glpat-",
        "bearer ",
        "authorization: ",
        "cookie: ",
        "identified by ",
        "$2b$",
        "é",
        "\u0130",
        "MII",
    ),
    *(
        "variable ",
        "login a /",
        "user:",
        "<key>",
        "form-data; name=",
        "echo ",
        "set ",
        "api key ",
        "provided: ",
        "is ",
    ),
)


def repeated(generator: random.Random) -> str:
    """Return a few pieces that a long text repeats."""
    return "".join(generator.choices(PIECES, k=generator.choice((1, 2, 3, 5))))


if __name__ == "__main__":
    sys.exit(main())
