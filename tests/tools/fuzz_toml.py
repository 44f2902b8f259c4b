"""Fuzzer of target files and of `--set`: a target, or one line for each problem.

Usage: python -m tests.tools.fuzz_toml --seconds 60 --seed 1
"""

import random
import sys
import tempfile
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, Final

from diagnostics.errors import UsageError
from diagnostics.targets import target_file
from diagnostics.targets.command_line.located import located
from diagnostics.targets.command_line.target_command import target_options
from diagnostics.targets.keys import key_sections
from diagnostics.targets.overrides import with_overrides
from diagnostics.targets.target import Target
from kb.parsers.characters import unsafe_character
from kb.records.errors import InvalidRecord
from tests.support.fuzzing import main, mutated, text_of

FILE: Final = rb"""default = "prod"
[target.prod]
production = true
database = "postgresql://app@db.internal:5432/transactions?sslmode=verify-full"
api = "https://api.clearpay.example/v1"
site_url = "https://docs.example"
secrets = { database = { env = "A" }, api_key = "literal" }
[target.prod.contract]
proxy = "http://127.0.0.1:3128"
key_header = "X-Api-Key"
[target.prod.webhook]
url = "https://127.0.0.1/hook"
secret = { file = "hook" }
[target.prod.service]
health = "http://127.0.0.1:8000/healthz"
work = "http://127.0.0.1:8000/work"
work_body = '{"a": 1}'
[target.prod.thresholds]
key_days = 14.5
api_timeout_s = 1.0
[target.prod.pool]
application_name = "pay"
size = 5
[target.prod.report]
memory_mb = 10
sql = '''
SELECT 1'''
[target.prod.source]
paths = ["src", "app.py"]
[target.other]
api = "http://127.0.0.1:1"
"""
KEYS: Final = tuple(
    f"{section.place}.{key.name}".removeprefix("target.NAME").lstrip(".")
    for section in key_sections()
    if section.place.startswith("target.NAME")
    for key in section.keys
)
VALUES: Final = (
    b'"text"', b"text", b"1", b"-1", b"0", b"1.5", b"inf", b"nan", b"true", b"[1]", b'["a"]',
    b'{ env = "A" }', b"{}",
    b"http://127.0.0.1:1", b"postgresql://h/d", b"http://[::1", b"::", b"1\nb = 2",
    b"9999999999999999999999", b"1e300",
    b"http://\xe2\x84\x80/", b"//", b"postgresql://[::1]:x/", b"${NOT_SET}", b"${", b"''",
    b"2020-01-01T00:00:00Z",
)  # fmt: skip


def attempt(source: random.Random) -> None:
    """Read a mutated target file, or set mutated values on a target."""
    try:
        target = _from_file(source) if source.random() < 0.5 else _from_options(source)
    except InvalidRecord as error:
        _require_lines(error.problems)
    except UsageError as error:
        _require_lines([str(error)])
    else:
        _require_safe(target)


def _from_file(source: random.Random) -> Target:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / target_file.FILE_NAME
        path.write_bytes(mutated(FILE, source))
        config = target_file.read(path)
        for name in config.settings.target:
            _require_safe(target_file.target_named(name, config))
        return target_file.target_named(next(iter(config.settings.target), "lab"), config)


def _from_options(source: random.Random) -> Target:
    pairs = {}
    for _ in range(source.choice((1, 1, 2))):
        key, value = source.choice(KEYS), source.choice(VALUES)
        value = mutated(value, source) if source.random() < 0.6 else value
        pairs[key if source.random() < 0.9 else text_of(mutated(key.encode(), source))] = text_of(value)
    target = target_file.target_named("http://127.0.0.1:9/v1", target_file.Config())
    changed = with_overrides(target, pairs)
    overrides = [f"{key}={value}" for key, value in pairs.items()]
    target_options((located(changed, target_file.Config(), target.name, overrides=overrides),))
    return changed


def _require_lines(problems: Any) -> None:
    for problem in problems:
        if not problem or len(problem) > 1000:
            raise AssertionError(f"a message of {len(problem)} characters")


def _require_safe(target: Target) -> None:
    texts = [target.name, *(point.name for point in target.endpoints), target.settings.site_url]
    if found := [text for text in texts if unsafe_character(text)]:
        raise AssertionError(f"unsafe characters in {found[0]!a}")
    _ = target.production, target.thresholds
    _require_finite(target.settings)


def _require_finite(settings: Any) -> None:
    for item in fields(settings):
        value = getattr(settings, item.name)
        if is_dataclass(value):
            _require_finite(value)
        elif isinstance(value, float) and not abs(value) <= 1e9:
            raise AssertionError(f"{item.name} is {value}")


if __name__ == "__main__":
    sys.exit(main("fuzz_toml", attempt))
