"""Targets with their origin, which reports show and printed commands repeat."""

from collections.abc import Sequence
from dataclasses import replace

from diagnostics.targets.command_line.origin import Origin
from diagnostics.targets.target import Target
from diagnostics.targets.target_file import Config


def located(
    target: Target,
    config: Config,
    word: str | None,
    *,
    overrides: Sequence[str] = (),
) -> Target:
    """Return the target with its origin.

    `word` is the value of `--target`, None for a target of the environment; `overrides` are those of `--set`.
    """
    named = config.path if config.file and config.file.named else None
    return replace(target, origin=Origin(word=word, config=named, overrides=tuple(overrides)))
