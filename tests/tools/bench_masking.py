"""Measure how the time of masking grows with the length of a text.

It prints a line for each length. The time for a megabyte must stay the same, and texts of repeated pieces
must take seconds at most.

Usage: python -m tests.tools.bench_masking [MEGABYTES]  (default 8)
"""

import sys
import time

from kb.text.sanitize import mask_secrets

LOG = """\
2026-11-22 02:00:07.123 UTC [3a5d] app@pay LOG:  duration: 12.345 ms  statement: SELECT * FROM payments
10.0.3.7 - - [22/Nov/2026:02:00:07 +0000] "GET /v1/payments?page=2&token=a1b2c3d4e5 HTTP/1.1" 200 512
  File "/srv/pay/clearpay/auth/token.py", line 12, in load_password
psycopg2.OperationalError: FATAL:  password authentication failed for user "app_user"
INFO payment 4111111111111112 settled key=order:991 secret_name=clearpay/db https://api.clearpay.example/v1
"""
HOSTILE = (
    "password=",
    "4111 ",
    "a:b@",
    "-----BEGIN PRIVATE KEY-----\n",
    "name: token value",
    "curl -u ",
    "://a:",
)
MEGABYTE = 1_000_000
DEFAULT = 8


def main() -> int:
    """Print the times and return the exit code."""
    largest = int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT
    megabytes = 1
    while megabytes <= largest:
        seconds = _seconds(LOG, megabytes)
        print(f"log      {megabytes:3} MB  {seconds:7.2f} s  {seconds / megabytes:6.2f} s/MB", flush=True)
        megabytes *= 2
    for unit in HOSTILE:
        print(f"hostile    1 MB  {_seconds(unit, 1):7.2f} s  {unit!r}", flush=True)
    return 0


def _seconds(unit: str, megabytes: int) -> float:
    text = unit * (megabytes * MEGABYTE // len(unit))
    began = time.process_time()
    mask_secrets(text)
    return time.process_time() - began


if __name__ == "__main__":
    sys.exit(main())
