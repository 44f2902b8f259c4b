"""Runs as a program of its own: configures logging in a temporary folder and says who hears what.

It reads {"config": a dictionary that `log_rehearsal.safe` made harmless, "logger": a name} from its input
and writes one JSON object. Standard library only: it runs in an interpreter that sees nothing else.
"""

import json
import logging
import logging.config
import sys
from typing import Any

EARLY = "created.before.the.configuration"
"""A logger as libraries have it: made at import, outside of every tree that the dictionary names."""
LEVELS = ("DEBUG", "INFO", "ERROR")


def main() -> None:
    """Configure, speak, report."""
    asked: dict[str, Any] = json.load(sys.stdin)
    early = logging.getLogger(EARLY)
    try:
        logging.config.dictConfig(asked["config"])
    except (ValueError, TypeError, AttributeError, KeyError, ImportError, OSError) as error:
        cause = error.__cause__ or error
        json.dump({"error": str(error), "cause": f"{type(cause).__name__}: {cause}"}, sys.stdout)
        return
    heard: dict[str, list[str]] = {level: [] for level in LEVELS}
    broken = _listen(heard)
    speaker = logging.getLogger(asked["logger"])
    for level in LEVELS:
        speaker.log(getattr(logging, level), "rehearsal", exc_info=level == "ERROR")
    json.dump({"heard": heard, "silenced": early.disabled, "broken": broken}, sys.stdout)


def _listen(heard: dict[str, list[str]]) -> list[str]:
    """Put an ear to every handler: it notes instead of writing. Returns what formatting will have raised."""
    broken: list[str] = []

    def ear(handler: logging.Handler) -> Any:
        def emit(record: logging.LogRecord) -> None:
            try:
                handler.format(record)
            except (ValueError, KeyError, TypeError) as error:
                broken.append(f"{handler.name}: {type(error).__name__}: {error}")
            heard[record.levelname].append(str(handler.name))

        return emit

    loggers = [logging.getLogger(), *(one for one in logging.Logger.manager.loggerDict.values())]
    for logger in loggers:
        for handler in getattr(logger, "handlers", ()):
            if not isinstance(handler, logging.NullHandler):
                handler.emit = ear(handler)
    return broken


if __name__ == "__main__":
    main()
