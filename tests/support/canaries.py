"""Canary secrets of every kind, the notations in which software writes them, and the search for leaks."""

import base64
import html
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest

from diagnostics.cli.main import main
from diagnostics.history.folder import runs_folder
from diagnostics.report.formats import FORMAT_NAMES
from diagnostics.targets.target_file import FILE_NAME

WINDOW = 8
"""Consecutive characters of a secret that count as a leak, as a truncated token is still useful."""


@dataclass(frozen=True, slots=True)
class Canary:
    """A secret, and the part of it that no other text contains."""

    value: str
    core: str

    @property
    def forms(self) -> Iterator[str]:
        """The core in the encodings of other software."""
        yield self.core
        yield quote(self.core, safe="")
        yield json.dumps(self.core)[1:-1]
        yield html.escape(self.core)
        # A prefix, such as a user name, shifts the bytes and with them every character of base64.
        yield from (base64.b64encode(b"x" * n + self.core.encode()).decode()[4:] for n in range(3))


def _canary(prefix: str, core: str) -> Canary:
    return Canary(prefix + core, core)


CANARIES = {
    "database password": _canary("", "Zq7!Wr-vK4xLm2Yd"),
    "token": Canary(
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnktOTEzNyJ9.Q2FuYXJ5U2lnbmF0dXJl", "jYW5hcnktOTEzNyJ9"
    ),
    "API key": _canary("cp_test_", "Hk83bVq0ZsPw6Rt1"),
    "webhook secret": _canary("whsec_", "Jd5Gx9Tn2Mf7Cb4L"),
    "private key": _canary("-----BEGIN PRIVATE KEY-----\n", "MIGHAgEAMBMGByqGSMx9kQ3vRw8uXe"),
    "AWS access key": _canary("AKIA", "W7K2XN5QPL8DYH3V"),
    "AWS secret key": _canary("", "bV9tRz4LqW1sXk7Nc3Hj8Fd2Gp6Ma5Yu0Te+Qi/"),
    "card number": _canary("", "4539578763621486"),
}
PASSWORD, TOKEN, KEY, HOOK, PEM, ACCESS, AWS, CARD = (canary.value for canary in CANARIES.values())
QUOTED = quote(PASSWORD, safe="")
END = "\n-----END PRIVATE KEY-----"
NOTATIONS = {
    "URL": f"postgresql://app_user:{QUOTED}@db.internal:5432/transactions",
    "DSN": f"host=db.internal user=app_user password={PASSWORD} dbname=transactions",
    "query string": f"GET https://api.clearpay.example/v1/me?api_key={KEY}&page=2",
    "header": f"Authorization: Bearer {TOKEN}",
    "key header": f"X-Api-Key: {KEY}",
    "JSON": json.dumps({"webhook_secret": HOOK, "card_number": CARD, "token": TOKEN}),
    "repr": repr({"password": PASSWORD, "api_key": KEY}),
    "environment": f"AWS_ACCESS_KEY_ID={ACCESS} AWS_SECRET_ACCESS_KEY={AWS}",
    "INI": f"aws_secret_access_key = {AWS}",
    "SQL": f"ALTER ROLE app_user PASSWORD '{PASSWORD}'; SELECT 1 /* card {CARD} */",
    "PEM": f"{PEM}{END}",
    "bare": f"used {ACCESS}, {KEY}, {HOOK} and {TOKEN} for card {CARD}",
}
EVERYTHING = "\n".join(NOTATIONS.values())
LINE = " ".join(text.replace("\n", " ") for name, text in NOTATIONS.items() if name != "PEM")
"""All notations in one line."""


def leaks(text: str) -> list[str]:
    """Return the names of the canaries that a text shows in part."""
    return [name for name, canary in CANARIES.items() if any(_shows(text, form) for form in canary.forms)]


def _shows(text: str, form: str) -> bool:
    return any(form[at : at + WINDOW] in text for at in range(len(form) - WINDOW + 1))


@dataclass(frozen=True, slots=True)
class Outputs:
    """Exit code of a command, and every text that it wrote, by place."""

    code: int
    texts: dict[str, str]

    @property
    def leaked(self) -> dict[str, list[str]]:
        """Names of the leaked canaries by place."""
        leaked = {place: leaks(text) for place, text in self.texts.items()}
        return {place: names for place, names in leaked.items() if names}


def outputs(folder: Path, capture: pytest.CaptureFixture[str], *arguments: str) -> Outputs:
    """Run a command that runs probes, with every format as a file, the history, and `--debug`."""
    files = {name: folder / f"report.{name}" for name in FORMAT_NAMES}
    options = [f"--output={path}:{name}" for name, path in files.items()]
    capture.readouterr()
    if (file := folder / FILE_NAME).exists():  # one that is found sends no secret
        options.append(f"--config={file}")
    code = main([*arguments, "--record", "--debug", *options])
    screen = capture.readouterr()
    texts = {name: path.read_text("utf-8") for name, path in files.items() if path.exists()}
    texts |= {f"history {path.name}": path.read_text("utf-8") for path in runs_folder().glob("*")}
    return Outputs(code, {**texts, "stdout": screen.out, "stderr": screen.err})
