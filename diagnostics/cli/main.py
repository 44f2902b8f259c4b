"""Entry point of the command line: dispatch to a command, errors as one line and an exit code."""

import signal
import sys
from argparse import Namespace
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from types import FrameType, ModuleType
from typing import NoReturn

from diagnostics.cli.command_table import COMMANDS, load
from diagnostics.cli.parser import DEBUG, PROGRAM, parser_for, top_parser
from diagnostics.errors import Terminated, UsageError, printable
from diagnostics.exit_codes import ExitCode
from diagnostics.terminal import STORAGE_ERRORS, StreamClosed, discard_stdout, open_closed_streams, print_line
from kb.records.errors import InvalidRecord
from kb.text.suggestions import did_you_mean

NO_DIRECTORY = "the working directory does not exist any more; change to another folder: cd"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    open_closed_streams()
    code: int = ExitCode.OK
    owned = False
    try:
        owned = _handle_signals()
        code = dispatch(words)
        sys.stdout.flush()
    except BrokenPipeError as error:  # the reader of stdout has closed it
        discard_stdout()
        return ExitCode.UNDETERMINED if isinstance(error, StreamClosed) else code
    except (Exception, KeyboardInterrupt, Terminated) as error:  # noqa: BLE001  the outermost handler
        if owned:
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # a second Ctrl-C ends the report of the first
        if isinstance(error, OSError):
            discard_stdout()  # the disk of stdout may be full: flushing at exit would raise again
        return _report_error(words, *_explain(_in_plain_terms(error), debug=_without_debug(words)[1]))
    return code


def dispatch(words: list[str]) -> int:
    """Run the command that the words name and return its exit code. Raises what the command raises."""
    words, debug = _without_debug(words)
    command = next((word for word in words if not word.startswith("-")), "")
    if not words or words[0].startswith("-"):
        top_parser().parse_args(words)
        top_parser().print_help()
        return ExitCode.USAGE if not words else ExitCode.OK
    if command not in COMMANDS:
        near = did_you_mean(command, COMMANDS)
        hint = near or "see: clearpay-doctor --help"
        raise UsageError(f"{printable(command)!r} is not a command; {hint}")
    module: ModuleType = load(command)
    options = parser_for(command, module).parse_args(words[1:], Namespace(debug=debug))
    return int(module.run(options))


def _without_debug(words: Sequence[str]) -> tuple[list[str], bool]:
    """Return the words without `--debug`, which may stand anywhere before `--`, and True if it was there."""
    end = words.index("--") if "--" in words else len(words)
    before = [word for word in words[:end] if word != DEBUG]
    return [*before, *words[end:]], len(before) < end


def _report_error(words: Sequence[str], messages: Sequence[str], code: ExitCode) -> int:
    """Print the messages on stderr and return the exit code; for nagios, on stdout too, with its own code."""
    from kb.text.sanitize import mask_message, one_line  # noqa: PLC0415  its patterns are slow to compile; only for errors

    # Messages quote words and lines of files, which may contain a secret that was pasted by mistake.
    lines = [mask_message(one_line(message)) for message in messages]
    for line in lines:
        print_line(f"clearpay-doctor: {line}", sys.stderr)
    return _print_for_nagios(lines[0]) if _is_for_nagios(words) else code


def _explain(error: BaseException, *, debug: bool) -> tuple[Sequence[str], ExitCode]:
    """Return the messages for an error and its exit code."""
    match error:
        case UsageError():
            return (str(error),), ExitCode.USAGE
        case InvalidRecord():
            return error.problems, ExitCode.INVALID
        case KeyboardInterrupt():
            return ("interrupted",), ExitCode.INTERRUPTED
        case Terminated():
            return ("terminated",), ExitCode.TERMINATED
        case OSError() if error.errno in STORAGE_ERRORS:
            return (f"output is incomplete: {error.strerror}",), ExitCode.USAGE
        case _:
            return _internal_error(error, debug=debug), ExitCode.INTERNAL


def _in_plain_terms(error: BaseException) -> BaseException:
    """Return a UsageError in place of an error for a working directory that was removed."""
    if isinstance(error, FileNotFoundError):
        try:
            Path.cwd()
        except OSError:
            return UsageError(NO_DIRECTORY)
    return error


def _is_for_nagios(words: Sequence[str]) -> bool:
    """Return True for `--format nagios`: Nagios reads stdout alone and takes exit code 2 for CRITICAL."""
    return "--format=nagios" in words or ("--format", "nagios") in pairwise(words)


def _print_for_nagios(line: str) -> int:
    from diagnostics.report.formats.nagios import Status, error_line  # noqa: PLC0415  only for errors

    print_line(error_line(line), sys.stdout)
    return Status.UNKNOWN


def _internal_error(error: BaseException, *, debug: bool) -> Sequence[str]:
    """Return type and place of an unexpected error, with the traceback under `--debug`, but no values."""
    from diagnostics.errors import frame_names  # noqa: PLC0415  only for errors

    place = (frame_names(error) or ("an unknown place",))[-1]
    lines = [f"internal error: {type(error).__name__} at {place}"]
    if debug:
        from diagnostics.cli.debug import frames_of  # noqa: PLC0415  only for errors

        lines += frames_of(error).splitlines()
    what = "these lines" if debug else f"this line, or better the output with {DEBUG},"
    hint = f"this is a bug in {PROGRAM}; report {what} with the command and --version, without secrets"
    return (*lines, hint)


def _handle_signals() -> bool:
    """Raise exceptions for SIGTERM and SIGINT; return True if SIGINT had its default effect before."""
    signal.signal(signal.SIGTERM, _terminate)
    owned = signal.getsignal(signal.SIGINT) == signal.SIG_DFL
    if owned:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    return owned


def _terminate(number: int, _frame: FrameType | None) -> NoReturn:
    """Raise Terminated at the first SIGTERM and ignore further ones while the report is written.

    timeout(1) sends the signal to its child and then to the whole process group.
    """
    signal.signal(number, signal.SIG_IGN)
    raise Terminated


if __name__ == "__main__":
    sys.exit(main())
