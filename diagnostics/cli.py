"""The command line: finds the verb, hands over, turns errors into one line and an exit code."""

import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType, ModuleType
from typing import NoReturn

from diagnostics.arguments import parser_for, top_parser
from diagnostics.complaints import Terminated, UsageError
from diagnostics.exit_codes import ExitCode
from diagnostics.verbs import VERBS, load
from kb.invalid import InvalidRecord
from kb.nearest import did_you_mean


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    signal.signal(signal.SIGTERM, _terminate)
    try:
        return _guarded(given)
    except BrokenPipeError:
        return _reader_gone()


def _guarded(given: list[str]) -> int:
    try:
        code = dispatch(given)
        sys.stdout.flush()
    except UsageError as error:
        return _complain(str(error), code=ExitCode.USAGE)
    except InvalidRecord as error:
        return _complain(*error.problems, code=ExitCode.INVALID)
    except KeyboardInterrupt:
        return _complain("interrupted", code=ExitCode.INTERRUPTED)
    except Terminated:
        return _complain("terminated", code=ExitCode.TERMINATED)
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001  the last boundary: a bug of ours is said, not dumped
        return _bug(error)
    return code


def dispatch(given: list[str]) -> int:
    """Hand the arguments to their verb. Raises what the verb raises."""
    verb = next((word for word in given if not word.startswith("-")), "")
    if not given or given[0].startswith("-"):
        top_parser().parse_args(given)
        top_parser().print_help()
        return ExitCode.USAGE if not given else ExitCode.OK
    if verb not in VERBS:
        near = did_you_mean(verb, VERBS)
        raise UsageError(f"{verb!r} is no command; {near or 'see: clearpay-doctor --help'}")
    module: ModuleType = load(verb)
    options = parser_for(verb, module).parse_args(given[1:])
    return int(module.run(options))


def _complain(*lines: str, code: ExitCode) -> int:
    for line in lines:
        print(f"clearpay-doctor: {line}", file=sys.stderr)
    return code


def _bug(error: Exception) -> int:
    """Name the place of an unexpected error without the values of any variable."""
    frame = error.__traceback__
    while frame and frame.tb_next:
        frame = frame.tb_next
    place = f"{frame.tb_frame.f_code.co_filename}:{frame.tb_lineno}" if frame else "unknown place"
    return _complain(
        f"internal error: {type(error).__name__} at {os.path.relpath(place)}",
        "this is a bug of clearpay-doctor; report this line with the command and --version, without secrets",
        code=ExitCode.INTERNAL,
    )


def _reader_gone() -> int:
    """The reader of stdout left, as `head` does: end quietly; nobody is left to tell."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return ExitCode.OK


def _terminate(_number: int, _frame: FrameType | None) -> NoReturn:
    raise Terminated


if __name__ == "__main__":
    sys.exit(main())
