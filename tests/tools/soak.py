"""Check a healthy PostgreSQL, direct and behind PgBouncer, under changing load; every finding is a defect.

It prints a line for each round and a summary, and exits with 1 if a round raised a finding or had an exit
code other than 0. The time is shared by every PostgreSQL of this machine.

Usage: python -m tests.tools.soak [MINUTES]  (default 10)
"""

import sys
import time
from itertools import cycle, islice

from diagnostics.lab.lab import Lab
from diagnostics.lab.postgres import binaries
from diagnostics.lab.requirements import find_program
from tests.support.healthy_stack import LOADS, HealthyStack, Round, pgbench

DEFAULT_MINUTES = 10.0
MAX_LOAD_S = 180
"""Seconds after which a load ends by itself, should this program be killed."""


def main() -> int:
    """Run rounds until the time is over and return the exit code."""
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_MINUTES
    if not (pgbench() and find_program("pgbouncer")):
        print("soak: pgbench and pgbouncer are needed: make system-deps", file=sys.stderr)
        return 2
    began = time.monotonic()
    servers = binaries.find_all()
    rounds: list[Round] = []
    for number, server in enumerate(servers, 1):
        rounds += _soak(server, began + 60 * minutes * number / len(servers))
    loud = [round_ for round_ in rounds if not round_.quiet]
    versions = ", ".join(server.version for server in servers)
    seconds = time.monotonic() - began
    print(f"{len(rounds)} rounds in {seconds:.0f} s on PostgreSQL {versions}: {len(loud)} not quiet")
    return 1 if loud or not rounds else 0


def _soak(server: binaries.Binaries, until: float) -> list[Round]:
    """Run rounds on one server, each kind of load at least once, until the time is over."""
    rounds: list[Round] = []
    with Lab(server) as lab, HealthyStack(lab) as stack:
        for kind in [*LOADS, *islice(cycle(LOADS), 10_000)]:
            if time.monotonic() > until and len(rounds) >= len(LOADS):
                break
            began = time.monotonic()
            with stack.load(kind, MAX_LOAD_S):
                round_ = stack.check()
            rounds.append(round_)
            passed = sum(outcome == "pass" for outcome in round_.outcomes.values())
            print(
                f"PostgreSQL {server.version:<8} {kind:<8} exit {round_.exit_code}  {passed} pass  "
                f"{time.monotonic() - began:.1f} s",
                flush=True,
            )
            for complaint in round_.complaints:
                print(f"    {complaint}", flush=True)
    return rounds


if __name__ == "__main__":
    sys.exit(main())
