"""Synonyms, one group a line; the first word of a group stands for all of it."""

from collections.abc import Iterable, Mapping
from typing import Final

_WORDS: Final = """
abort aborted aborts rollback
answer answers answered respond responds response reply
authentication auth
big large huge massive enormous million millions thousands
break breaks broken broke breaking
build builds building generate generates generated generating
certificate certificates cert certs
circle cycle circular
clock clocks ntp ntpd chrony timesync
concurrent concurrently simultaneous simultaneously parallel concurrency
connection connections connect connects connecting connected conn session sessions reconnect reconnects
credential credentials creds
config configs configuration configurations configured setting settings misconfigured
crash crashed crashes die dies died dead
currency currencies
database db databases
drop drops dropped dropping
exhausted exhaust exhausts exhaustion empty depleted dry
expire expires expired expiry
freeze freezes frozen hang hangs hanging hung stuck stall stalls stalled
gateway gateways provider providers psp acquirer processor
grow grows growing grew climb climbs climbing rise rises rising increase increases increasing
host hostname hostnames
kill kills killed killing terminate terminates terminated terminating
leak leaks leaked leaking leakage
limit limits limited limiting maximum max cap caps
login logon signin
logging logger loggers
lost lose loses losing disconnect disconnects disconnected interrupted
memory ram oom oomkilled oomkill gigabyte gigabytes gb heap
hundredfold 100x
missing unknown nonexistent absent
monthly quarterly yearly annual annually
old previous former stale outdated
password passwords passwd pw pwd
postgresql postgres pg psql
process processes
permission permissions permitted privilege privileges
query queries select selects statement statements
reach unreachable reachable reached reaching
refuse refuses refused refusing
reject denied deny denies rejected rejects rejecting declined forbidden disallowed
report reports reporting
resolve resolves resolved resolving resolution lookup nslookup dns getaddrinfo
restart restarts restarted restarting reboot reboots rebooted rebooting
retry retries retried retrying
return returns returned returning release releases released putconn
secret secrets secretsmanager
signature signatures signed hmac
skew skewed drift drifts drifted drifting
slow slower slowly slowness sluggish forever long longer ages crawl crawls delay delays delayed lag lags
ssl tls encryption encrypted encrypt
start starts started starting startup boot boots booted booting
stopped stop stops down offline outage unavailable
throttle throttled throttles throttling
timeout timeouts timedout
token tokens jwt bearer
transaction transactions tx txn
typo misspelt misspelled mistyped misspelling
user users username role roles
unauthorized unauthenticated unauthorised
wait waits waiting waited queue queues queued queuing queueing
webhook webhooks notification notifications
wrong incorrect invalid bad
yen jpy krw vnd clp
euro eur gbp usd cad aud chf nzd cny
"""

_PHRASES: Final = """
busy: in use, at work
concurrent: same time
hundredfold: 100 times, by 100, times 100, hundred times, factor 100, a hundred, of hundred
exhausted: out of, run out, runs out, ran out, running out, used up
logging: log level, log levels, log messages, log message, being logged, not logged, to log, no logs
logfile: log file, log files, logging file
login: log in, logs in, logged in, logging in, sign in, log on, logs on, logged on, logging on, let in
missing: not exist, not found, t exist, not there, no such
onebyone: one by, one at, row by, each row, every row, per row, single row, each record, for each
return: given back, give back, gives back, giving back, gave back, put back, handed back
roundtrip: round trip, round trips
outofsync: of sync
shutdown: shut down, shutting down, shuts down
start: starting up, starts up, start up, started up, coming up, comes up
stopped: not running, isn running, t running, not up
timeout: time out, times out, timed out, timing out
toomany: too many, so many
"""


def _synonyms(lines: Iterable[str]) -> dict[str, str]:
    groups = (line.split() for line in lines)
    return {word: first for first, *others in groups for word in (first, *others)}


def _phrases(lines: Iterable[str]) -> dict[str, str]:
    groups = (line.split(": ") for line in lines)
    return {phrase: word for word, phrases in groups for phrase in phrases.split(", ")}


SAME: Final[Mapping[str, str]] = _synonyms(_WORDS.strip().split("\n"))
"""Word that represents a word in comparisons."""

PHRASES: Final[Mapping[str, str]] = _phrases(_PHRASES.strip().split("\n"))
"""Word that represents two consecutive words, in addition to each by itself."""
