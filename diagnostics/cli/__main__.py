"""Start of the program: signals end it without a traceback from its first to its last instruction.

Used by the installed script and by `python -m diagnostics.cli` alone, because the import changes how this
process reacts to signals. Until `main` handles them, and after its end, a signal has its default effect:
the process ends in silence, and a shell sees 130 or 143. Not covered is the start of the interpreter itself,
before the first line of this project, where Python prints a traceback of its own.
"""

ABANDONED = ("probe ", "application login")
"""Beginnings of the names of threads in which a library may still run."""

try:
    import signal
    import sys

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
except KeyboardInterrupt:
    raise SystemExit(130) from None


def start() -> int:
    """Run the command line of `sys.argv` and return its exit code."""
    from diagnostics.cli.main import main  # noqa: PLC0415  signals are set up before the long imports

    code = main()
    for number in (signal.SIGINT, signal.SIGTERM):
        if callable(signal.getsignal(number)):
            signal.signal(number, signal.SIG_DFL)
    _leave_threads(code)
    return code


def _leave_threads(code: int) -> None:
    """End the process at once if a probe was abandoned: C code of its thread may still run.

    At the regular end of a process, libraries free what such a thread uses, and it crashes (measured: one in
    ten runs whose login was still computing).
    """
    import threading  # noqa: PLC0415  as above

    if any(thread.name.startswith(ABANDONED) for thread in threading.enumerate()):
        import os  # noqa: PLC0415  as above

        try:
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(code)


if __name__ == "__main__":
    sys.exit(start())
