"""`serve`: the Prometheus exporter of the targets of a file."""

import argparse
import re
import sys
from pathlib import Path

from diagnostics.cli.parser import add_knowledge, count, seconds
from diagnostics.cli.team_folders import kb_folders
from diagnostics.errors import Terminated, UsageError, printable
from diagnostics.exit_codes import ExitCode
from diagnostics.run.knowledge import catalogue_of
from diagnostics.targets import target_file
from diagnostics.terminal import print_line, write_stdout

EXAMPLE = "clearpay-doctor serve --config clearpay-doctor.toml"
LISTEN = re.compile(r"(?:\[(?P<v6>[0-9a-fA-F:]+)\]|(?P<host>[^:\[\]\s]+)):(?P<port>\d{1,5})")
DEFAULT_LISTEN = "127.0.0.1:9877"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
MAX_PORT = 65535


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `serve`."""
    parser.add_argument(
        "--listen", default=DEFAULT_LISTEN, metavar="HOST:PORT",
        help=f"address to listen at (default: {DEFAULT_LISTEN})",
    )  # fmt: skip
    parser.add_argument(
        "--web-config", metavar="FILE", help="TLS and users, in the form of Prometheus' own exporters"
    )
    parser.add_argument(
        "--interval", type=seconds, metavar="TIME",
        help="a target is examined at most once in this time, and scrapes share the result (default: 10s)",
    )  # fmt: skip
    parser.add_argument(
        "--max-examinations", type=count, metavar="N", help="targets examined at the same time (default: 64)"
    )
    parser.add_argument("--rules", action="store_true", help="print alert rules of Prometheus, and end")
    parser.add_argument("--dashboard", action="store_true", help="print a dashboard of Grafana, and end")
    parser.add_argument(
        "--site-url",
        metavar="URL",
        help="for --rules: address of this site (default: site_url of the targets)",
    )
    add_knowledge(parser)


def run(options: argparse.Namespace) -> int:
    """Serve until a signal. Raises UsageError for a missing package and for an address in use."""
    if options.rules or options.dashboard:
        return _print(options)
    host, port = _address(options.listen)
    try:
        from diagnostics.exporter import server  # noqa: PLC0415  the exporter is an extra
        from diagnostics.exporter.examinations import Limits  # noqa: PLC0415
        from diagnostics.exporter.web_config import WebConfig, read_web_config  # noqa: PLC0415
    except ImportError as error:
        raise UsageError(f"serve needs {error.name}: pip install 'clearpay-doctor[serve]'") from None
    config = target_file.load(options.config)
    web = read_web_config(Path(options.web_config)) if options.web_config else WebConfig()
    _announce(config, web, options.listen, loopback=host in LOOPBACK)
    defaults = Limits()
    limits = Limits(
        options.max_examinations or defaults.examinations, options.interval or defaults.interval_s
    )
    try:
        server.serve(config, lambda: kb_folders(options), server.Listen(host, port), limits, web)
    except (Terminated, KeyboardInterrupt):  # the way to end it
        return ExitCode.OK
    except SystemExit:
        raise UsageError(f"--listen {options.listen}: it did not start; is the port in use?") from None
    return ExitCode.OK


def _print(options: argparse.Namespace) -> int:
    """Print rules or a dashboard, which need no target file."""
    if options.rules and options.dashboard:
        raise UsageError("--rules and --dashboard: choose one")
    try:
        from diagnostics.exporter.dashboard import dashboard  # noqa: PLC0415  as in run
        from diagnostics.exporter.rules import alert_rules  # noqa: PLC0415
    except ImportError as error:
        raise UsageError(f"serve needs {error.name}: pip install 'clearpay-doctor[serve]'") from None
    if options.dashboard:
        write_stdout(dashboard())
        return ExitCode.OK
    site_url = options.site_url or _site_url(target_file.load(options.config))
    if not site_url:
        print_line("clearpay-doctor: rules without runbook_url; name the site with --site-url", sys.stderr)
    write_stdout(alert_rules(catalogue_of(kb_folders(options)), site_url))
    return ExitCode.OK


def _site_url(config: target_file.Config) -> str:
    """Return the address of the site that the targets name, if it is one."""
    named = {settings.site_url for settings in config.settings.target.values() if settings.site_url}
    return named.pop() if len(named) == 1 else ""


def _address(text: str) -> tuple[str, int]:
    match = LISTEN.fullmatch(text)
    if not match or int(match["port"]) > MAX_PORT:
        raise UsageError(f"--listen {printable(text)}: write HOST:PORT, as in --listen {DEFAULT_LISTEN}")
    return match["v6"] or match["host"], int(match["port"])


def _announce(config: target_file.Config, web: object, listen: str, *, loopback: bool) -> None:
    """Print the address, notes on the target file, and a warning if anyone can ask, on stderr."""
    for note in config.file.notes if config.file else ():
        print_line(f"clearpay-doctor: {note}", sys.stderr)
    if not loopback and not getattr(web, "users", None):
        print_line(
            "clearpay-doctor: others can reach this address, and no user is needed; see --web-config",
            sys.stderr,
        )
    scheme = "https" if getattr(web, "cert_file", "") else "http"
    print_line(f"clearpay-doctor: serving at {scheme}://{listen}/", sys.stderr)
