"""Commands that reports print: copied to a POSIX shell and run, they examine the same targets again."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from diagnostics.targets.target import Target
from kb.text.quoting import shell_quoted


@dataclass(frozen=True, slots=True)
class TargetCommand:
    """Commands for one target, with its settings and a team's own entries."""

    target: Target
    kb: tuple[str, ...] = ()
    """Folders of `--kb`."""

    def line(self, verb: str, *operands: str, active: bool = False, wait: str = "") -> str:
        """Return a command for the target; `active` adds the options that allow active probes on it."""
        words = ["clearpay-doctor", verb, *map(shell_quoted, operands)]
        words += [active_options(self.target)] if active else []
        words += [options] if (options := target_options((self.target,), self.kb)) else []
        words += [f"--wait {wait}"] if wait else []
        return " ".join(words)

    def explain(self, entry: str) -> str:
        """Return the command that prints the page of an entry."""
        from diagnostics.targets.command_line.shell_words import explain_command  # noqa: PLC0415  for reports with a command

        return explain_command(entry, self.kb)


def active_options(target: Target) -> str:
    """Return the options that allow active probes on a target."""
    return "--active --force-production" if target.production else "--active"


def target_options(targets: Sequence[Target], kb: tuple[str, ...] = ()) -> str:
    """Return the options that name targets of one run, quoted for a shell, secrets replaced by variables.

    They are `--target`, `--config`, `--set` and `--kb`, as far as the run had them.
    """
    options = [option for target in targets for option in _target_option(target)]
    common = dict.fromkeys(
        option for target in targets for option in (*_config_option(target), *_set_options(target))
    )
    return " ".join([*options, *common, *_kb_options(kb)])


def _target_option(target: Target) -> Iterator[str]:
    word = target.origin.word if target.origin else target.name
    if word is None:
        return  # a target of the environment is found without the option
    if target.bare and "://" not in word:
        word = _lasting(word, target)
    yield f"--target{'=' if word.startswith('-') else ' '}{_shell_word(word, 'target')}"


def _lasting(word: str, target: Target) -> str:
    """Return an address without a scheme in a form that does not depend on folder and server."""
    if Path(word).exists():
        return str(Path(word).absolute())
    url = f"postgresql://{word}"  # recognised by the answer of a server, which may be down the next time
    return url if target.endpoints[0].url == url else word


def _config_option(target: Target) -> Iterator[str]:
    if target.origin and target.origin.config:
        yield f"--config {_shell_word(str(target.origin.config), 'config')}"


def _set_options(target: Target) -> Iterator[str]:
    overrides = target.origin.overrides if target.origin else ()
    if not overrides:
        return
    from diagnostics.targets.command_line.shell_words import shell_word  # noqa: PLC0415  for --set only

    pairs = {key: value for key, _, value in (text.partition("=") for text in overrides)}
    secrets = _secrets_in(target, pairs)
    for key, value in pairs.items():
        yield f"--set {shell_word(value, f'set {key}', prefix=f'{key}=', secrets=secrets)}"


def _secrets_in(target: Target, pairs: Mapping[str, str]) -> set[str]:
    """Return the literal secrets of a target and of `--set`, of which one may replace another."""
    from diagnostics.targets.validation import literal_secrets, secrets_of  # noqa: PLC0415  for --set only

    keys = secrets_of(target.settings)
    values = [
        leaf for key, value in pairs.items() for path, leaf in _leaves(key, _literal(value)) if path in keys
    ]
    return {secret for secret in (*literal_secrets(target).values(), *values) if secret}


def _leaves(path: str, value: Any) -> Iterator[tuple[str, str]]:
    """Yield the texts of a value with their key paths."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(f"{path}.{key}", item)
    elif isinstance(value, str):
        yield path, value


def _literal(text: str) -> Any:
    """Return the value of a text in TOML; the text itself if it is none."""
    from kb.parsers.malformed import Malformed  # noqa: PLC0415  for --set only
    from kb.parsers.toml_document import parse_toml_value  # noqa: PLC0415

    try:
        return parse_toml_value(text)
    except Malformed:
        return text


def _kb_options(kb: tuple[str, ...]) -> Iterator[str]:
    if kb:
        from diagnostics.targets.command_line.shell_words import kb_options  # noqa: PLC0415  for reports that print a command

        yield kb_options(kb)


def _shell_word(text: str, option: str) -> str:
    from diagnostics.targets.command_line.shell_words import shell_word  # noqa: PLC0415  for reports that print a command

    return shell_word(text, option)
