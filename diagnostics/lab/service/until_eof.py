"""A lab that runs as long as its standard input is open: `python -m diagnostics.lab.service.until_eof`.

It ends with the program that started it, even after kill -9. It prints `ready` and nothing else.
"""

import os
import signal
import sys
import threading
from typing import TYPE_CHECKING

from diagnostics.lab.errors import LabError
from diagnostics.lab.service.daemon import up

if TYPE_CHECKING:
    from diagnostics.lab.lab import Lab


def main() -> int:
    """Hold the lab. Return exit code 2, with one line on standard error, if it does not start."""
    try:
        up(_ready)
    except LabError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def _ready(_: "Lab") -> None:
    threading.Thread(target=_end_with_input, daemon=True).start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()


def _end_with_input() -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
