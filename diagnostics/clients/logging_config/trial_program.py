"""Program that configures logging with a dictionary and reports which handlers records reach.

It reads {"config": a dictionary from `trial.harmless_copy`, "logger": a name} from standard input and writes
one JSON object. Its interpreter is isolated, so it imports only the standard library. The kernel limits its
time, its memory and the size of its files.
"""

import json
import logging
import logging.config
import resource
import sys
from contextlib import suppress
from typing import Any

EARLY = "created.before.the.configuration"
"""Logger that exists before the configuration, as those of libraries do."""
LIMITS = {resource.RLIMIT_CPU: 5, resource.RLIMIT_AS: 512 << 20, resource.RLIMIT_FSIZE: 1 << 20}
"""Seconds of the processor, and bytes of memory and of each file."""
LEVELS = ("DEBUG", "INFO", "ERROR")


def main() -> None:
    """Apply the configuration, log one record of each level, and write the result."""
    _limit_resources()
    request: dict[str, Any] = json.load(sys.stdin)
    early = logging.getLogger(EARLY)
    try:
        logging.config.dictConfig(request["config"])
    except (ValueError, TypeError, AttributeError, KeyError, ImportError, OSError) as error:
        cause = error.__cause__ or error
        json.dump({"error": str(error), "cause": f"{type(cause).__name__}: {cause}"}, sys.stdout)
        return
    handlers: dict[str, list[str]] = {level: [] for level in LEVELS}
    format_errors = _record_instead_of_writing(handlers)
    logger = logging.getLogger(request["logger"])
    for level in LEVELS:
        logger.log(getattr(logging, level), "trial", exc_info=level == "ERROR")
    result = {"handlers": handlers, "silenced": early.disabled, "format_errors": format_errors}
    json.dump(result, sys.stdout)


def _limit_resources() -> None:
    for limit, most in LIMITS.items():
        hard = resource.getrlimit(limit)[1]
        value = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with suppress(ValueError, OSError):  # macOS has no limit of the address space
            resource.setrlimit(limit, (value, value))


def _record_instead_of_writing(handlers: dict[str, list[str]]) -> list[str]:
    """Make every handler add its name to `handlers` by level. Return the list that collects format errors."""
    format_errors: list[str] = []

    def recorder(handler: logging.Handler) -> Any:
        def emit(record: logging.LogRecord) -> None:
            try:
                handler.format(record)
            except (ValueError, KeyError, TypeError) as error:
                format_errors.append(f"{handler.name}: {type(error).__name__}: {error}")
            handlers[record.levelname].append(str(handler.name))

        return emit

    for logger in (logging.getLogger(), *logging.Logger.manager.loggerDict.values()):
        for handler in getattr(logger, "handlers", ()):
            if not isinstance(handler, logging.NullHandler):
                handler.emit = recorder(handler)
    return format_errors


if __name__ == "__main__":
    main()
