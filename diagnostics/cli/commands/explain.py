"""`explain`: print the page of an entry, a finding, an error name or a sign, offline.

With `--target`, the commands of the page have that target's names and the ways of its platforms.
"""

import argparse
import sys
from collections.abc import Mapping

from diagnostics.cli.parser import add_format, add_knowledge, add_target
from diagnostics.cli.team_folders import kb_folders
from diagnostics.engine.active_probes import ACTIVE_PROBES
from diagnostics.errors import UnknownName, UsageError, printable
from diagnostics.exit_codes import ExitCode
from diagnostics.run.knowledge import entries_of
from diagnostics.terminal import print_json, terminal_of, write_stdout
from kb.records.dataclass_io import to_data
from kb.records.forms import with_former_names
from kb.records.models import Entry
from kb.records.sign_lookup import entries_with_sign, meaning_of
from kb.rendering.render import to_markdown, to_text
from kb.rendering.sections import sections
from kb.text.commands import TARGET_OPTIONS
from kb.text.suggestions import did_you_mean

PRODUCTION = "production"
"""Name of a value that only a target in production has."""
EXAMPLE = "clearpay-doctor explain db-credential-rotation"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `explain`."""
    parser.add_argument(
        "name",
        metavar="ENTRY|FINDING|ERROR-NAME|SIGN",
        help="an id, <probe>.<fact>, an error's name, an SQLSTATE, errno, exception class or HTTP status",
    )
    add_target(parser)
    add_knowledge(parser)
    add_format(parser, "human", "markdown", "json")


def run(options: argparse.Namespace) -> int:
    """Print the page, or the list of entries that share an error name or a sign."""
    entries = entries_of(kb_folders(options))
    selected, finding = named(options.name, entries)
    if options.format == "json":
        print_json(_document(selected))
    elif len(selected) > 1:
        write_stdout("".join(f"{entry.id}  {entry.title}\n" for entry in selected))
    else:
        write_stdout(_page(selected[0], finding, options))
    return ExitCode.OK


def named(name: str, entries: Mapping[str, Entry]) -> tuple[list[Entry], str]:
    """Return the entries that a name selects and the finding, if the name is one that proves a cause.

    The name is tried as id, alias, present or former title, proving finding, supporting finding, error name
    and sign. Raises UnknownName.
    """
    if name in entries:
        return [entries[name]], ""
    by_id = [entry for entry in entries.values() if name in entry.aliases]
    title = " ".join(name.split()).lower()
    by_title = [
        entry
        for entry in entries.values()
        if title in {text.lower() for text in (entry.title, *entry.former_titles)}
    ]
    by_finding = [entry for entry in entries.values() if name in {cause.finding for cause in entry.causes}]
    supported = [
        entry for entry in entries.values() if any(name in cause.supported_by for cause in entry.causes)
    ]
    short = name.rpartition(".")[2].lower()
    by_error = [
        entry
        for entry in entries.values()
        if short in {error.rpartition(".")[2].lower() for error in entry.error_names}
    ]
    selected = by_id or by_title or by_finding or supported or by_error or entries_with_sign(name, entries)
    if not selected:
        raise UnknownName(
            f"{printable(name)}: no entry, finding, error or sign has this name; {_hint(name, entries)}"
        )
    return selected, name if by_finding and not (by_id or by_title) else ""


def _hint(name: str, entries: Mapping[str, Entry]) -> str:
    if meaning := meaning_of(name):
        return f"it is {meaning}"
    names = [error for entry in entries.values() for error in entry.error_names]
    findings = [cause.finding for entry in entries.values() for cause in entry.causes]
    near = did_you_mean(name, [*entries, *findings, *names])
    return near or "see: clearpay-doctor list entries"


def _page(entry: Entry, finding: str, options: argparse.Namespace) -> str:
    # Without --target, the commands take the target of the file or of the environment.
    values = _target_values(options) if options.targets else {}
    target = values.get(TARGET_OPTIONS, "") or _kb_options(options.kb)
    words = f"{_active_option(entry, finding, values)} {target}".strip()
    parts = sections(entry, values, finding=finding, options=words)
    if options.format == "markdown":
        return to_markdown(entry, parts)
    return to_text(entry, parts, terminal_of(sys.stdout).width)


def _active_option(entry: Entry, finding: str, values: Mapping[str, str]) -> str:
    """Return the options that allow the intrusive probes of an entry, or of one of its findings."""
    probes = {cause.finding.partition(".")[0] for cause in entry.causes if finding in {"", cause.finding}}
    if not probes & ACTIVE_PROBES:
        return ""
    return "--active --force-production" if values.get(PRODUCTION) else "--active"


def _target_values(options: argparse.Namespace) -> dict[str, str]:
    """Return the values of the target that the options name. Raises UsageError for more than one."""
    from diagnostics.cli.options import announce, selected_targets  # noqa: PLC0415  for --target only
    from diagnostics.run.placeholder_values import placeholder_values  # noqa: PLC0415  for --target only
    from diagnostics.targets import target_file  # noqa: PLC0415  for --target only

    targets = selected_targets(target_file.load(options.config), options)
    if len(targets) > 1:
        raise UsageError("--target: a page has the commands of one target")
    announce(targets)
    production = {PRODUCTION: "yes"} if targets[0].production else {}
    return {**placeholder_values(targets[0], tuple(options.kb or ())), **production}


def _kb_options(kb: list[str] | None) -> str:
    if not kb:
        return ""
    from diagnostics.targets.command_line.shell_words import kb_options  # noqa: PLC0415  for --kb only

    return kb_options(tuple(kb))


def _document(selected: list[Entry]) -> object:
    if len(selected) == 1:
        return {"schema_version": "1", **with_former_names(to_data(selected[0]))}
    return {"schema_version": "1", "entries": [with_former_names(to_data(entry)) for entry in selected]}
