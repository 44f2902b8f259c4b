"""The command line: finds the verb, hands over, turns errors into one line and an exit code."""

import signal
import sys
from argparse import Namespace
from collections.abc import Sequence
from itertools import pairwise
from types import FrameType, ModuleType
from typing import NoReturn

from diagnostics.cli.command_table import VERBS, load
from diagnostics.cli.parser import DEBUG, PROGRAM, parser_for, top_parser
from diagnostics.errors import Terminated, UsageError
from diagnostics.exit_codes import ExitCode
from diagnostics.terminal import STORAGE_ERRORS, StreamClosed, discard_stdout, open_closed_streams
from kb.records.errors import InvalidRecord
from kb.text.suggestions import did_you_mean


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    open_closed_streams()
    signal.signal(signal.SIGTERM, _terminate)
    code: int = ExitCode.OK
    try:
        code = dispatch(given)
        sys.stdout.flush()
    except BrokenPipeError as error:  # nobody is left to tell
        discard_stdout()
        return ExitCode.UNDETERMINED if isinstance(error, StreamClosed) else code
    except (Exception, KeyboardInterrupt, Terminated) as error:  # noqa: BLE001  the last boundary
        if isinstance(error, OSError):
            discard_stdout()  # stdout may be what is full: the end of the process would say so again
        return _complain(given, *_meaning(error, debug=_without_debug(given)[1]))
    return code


def dispatch(given: list[str]) -> int:
    """Hand the arguments to their verb. Raises what the verb raises."""
    given, debug = _without_debug(given)
    verb = next((word for word in given if not word.startswith("-")), "")
    if not given or given[0].startswith("-"):
        top_parser().parse_args(given)
        top_parser().print_help()
        return ExitCode.USAGE if not given else ExitCode.OK
    if verb not in VERBS:
        near = did_you_mean(verb, VERBS)
        raise UsageError(f"{verb!r} is no command; {near or 'see: clearpay-doctor --help'}")
    module: ModuleType = load(verb)
    options = parser_for(verb, module).parse_args(given[1:], Namespace(debug=debug))
    return int(module.run(options))


def _without_debug(given: Sequence[str]) -> tuple[list[str], bool]:
    """`--debug` belongs to the program and to no verb: it may stand anywhere before `--`."""
    end = given.index("--") if "--" in given else len(given)
    before = [word for word in given[:end] if word != DEBUG]
    return [*before, *given[end:]], len(before) < end


def _complain(given: Sequence[str], said: Sequence[str], code: ExitCode) -> int:
    from kb.text.sanitize import mask_secrets  # noqa: PLC0415  its patterns cost a start that ends well too much

    # What is wrong with a word or a file is often said with it: it may hold what was pasted by mistake.
    lines = [mask_secrets(line) for line in said]
    for line in lines:
        print(f"clearpay-doctor: {line}", file=sys.stderr)
    return _for_plugin(lines[0]) if _is_plugin(given) else code


def _meaning(error: BaseException, *, debug: bool) -> tuple[Sequence[str], ExitCode]:
    """What to say of an error, and its exit code; a bug of ours is said, not dumped."""
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
            return (f"not all was written: {error.strerror}",), ExitCode.USAGE
        case _:
            return _bug(error, debug=debug), ExitCode.INTERNAL


def _is_plugin(given: Sequence[str]) -> bool:
    """Whether Nagios asks: it reads stdout alone, and takes 2 for critical, also where nothing ran."""
    return "--format=nagios" in given or ("--format", "nagios") in pairwise(given)


def _for_plugin(line: str) -> int:
    from diagnostics.report.formats.nagios import Status, error_line  # noqa: PLC0415  a rare path of a cold start

    print(error_line(line))
    return Status.UNKNOWN


def _bug(error: BaseException, *, debug: bool) -> Sequence[str]:
    """Name the place of an unexpected error without the values of any variable; all places with `--debug`."""
    from diagnostics.errors import frame_names  # noqa: PLC0415  a rare path of a cold start

    place = (frame_names(error) or ("an unknown place",))[-1]
    said = [f"internal error: {type(error).__name__} at {place}"]
    if debug:
        from diagnostics.cli.debug import frames_of  # noqa: PLC0415  as above

        said += frames_of(error).splitlines()
    what = "these lines" if debug else f"this line, better what {DEBUG} adds to it,"
    hint = f"this is a bug of {PROGRAM}; report {what} with the command and --version, without secrets"
    return (*said, hint)


def _terminate(number: int, _frame: FrameType | None) -> NoReturn:
    """End once: timeout(1) tells its child and then the whole group, and meanwhile the report is written."""
    signal.signal(number, signal.SIG_IGN)
    raise Terminated


if __name__ == "__main__":
    sys.exit(main())
