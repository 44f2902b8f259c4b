"""`allow`: let a target file that was found use its secrets and commands."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from diagnostics.cli.parser import add_format
from diagnostics.errors import UsageError
from diagnostics.exit_codes import ExitCode
from diagnostics.targets import allowed_files, target_file
from diagnostics.targets.trust import printable_path
from diagnostics.terminal import print_json, print_line
from kb.text.sanitize import mask_secrets

if TYPE_CHECKING:
    from diagnostics.targets.settings import TargetSettings

EXAMPLE = "clearpay-doctor allow clearpay-doctor.toml"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `allow`."""
    parser.add_argument(
        "file", nargs="?", metavar="FILE", help="target file; default: the one that is found from here"
    )
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--list", action="store_true", help="list the files that you have allowed")
    action.add_argument("--revoke", action="store_true", help="no longer allow the file")
    add_format(parser, "human", "json")


def run(options: argparse.Namespace) -> int:
    """Allow the file as it is now, no longer allow it, or list what is allowed."""
    try:
        if options.list:
            return _list(options)
        path = _file(options.file, must_exist=not options.revoke)
        return _revoke(path, options) if options.revoke else _allow(path, options)
    except OSError as error:
        raise UsageError(f"allow: {error.filename or 'the data folder'}: {error.strerror}") from None


def _file(name: str | None, *, must_exist: bool) -> Path:
    path = Path(name) if name else target_file.find()
    if path is None:
        raise UsageError(f"allow: no {target_file.FILE_NAME} here or above; name the file")
    if must_exist and not path.is_file():
        raise UsageError(f"allow: {printable_path(path)}: no such file")
    return path.absolute()


def _allow(path: Path, options: argparse.Namespace) -> int:
    config, data = target_file.read_with_data(path)
    entry = allowed_files.allow(path, data)
    if options.format == "json":
        _print_json({"path": str(entry.path), "sha256": entry.digest, "state": "allowed"})
        return ExitCode.OK
    print_line(f"allowed as it is now: {printable_path(entry.path)}", sys.stdout)
    for name, settings in config.settings.target.items():
        for line in (*config.problems.get(name, ()), *_uses(settings)):
            print_line(f"  {name}: {mask_secrets(line)}", sys.stdout)
    for warning in config.file.warnings if config.file else ():
        print_line(f"clearpay-doctor: {warning}", sys.stderr)
    return ExitCode.OK


def _uses(settings: "TargetSettings") -> Iterator[str]:
    """Yield what the targets of the file may do from now on: whose secrets go where."""
    from diagnostics.targets.settings import SecretRef  # noqa: PLC0415  only a file that is allowed needs these
    from diagnostics.targets.target_file import endpoints  # noqa: PLC0415
    from diagnostics.targets.validation import secrets_of  # noqa: PLC0415

    yield from (f"contacts {point.name}" for point in endpoints(settings) if "://" in point.url)
    for key, secret in secrets_of(settings).items():
        if isinstance(secret, SecretRef):
            yield f"reads {key}: {secret.describe()}"
        elif secret:
            yield f"has {key} in the file"


def _revoke(path: Path, options: argparse.Namespace) -> int:
    count = allowed_files.revoke(path)
    if options.format == "json":
        _print_json({"path": str(path), "revoked": count})
    else:
        state = "no longer allowed" if count else "was not allowed"
        print_line(f"{state}: {printable_path(path)}", sys.stdout)
    return ExitCode.OK


def _list(options: argparse.Namespace) -> int:
    entries = [
        {"path": str(entry.path), "sha256": entry.digest, "state": _state(entry)}
        for entry in allowed_files.allowed()
    ]
    if options.format == "json":
        _print_json({"allowed": entries})
    else:
        for entry in entries:
            print_line(f"{entry['state']:<8} {printable_path(Path(entry['path']))}", sys.stdout)
        if not entries:
            print("no file is allowed", file=sys.stderr)
    return ExitCode.OK


def _state(entry: allowed_files.AllowedFile) -> str:
    """Return `allowed` if the file still has these contents, `changed` or `missing` if not."""
    try:
        data = entry.path.read_bytes()
    except OSError:
        return "missing"
    return "allowed" if allowed_files.digest(entry.path, data) == entry.digest else "changed"


def _print_json(data: dict[str, object]) -> None:
    print_json({"schema_version": "1", **data})
