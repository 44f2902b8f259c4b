#!/bin/sh
# Installs what some tests and benchmarks want from Debian.
# Without PostgreSQL, promtool or Chromium the tests that need them are skipped and say so; under CI=true they fail.
set -eu
missing=""
ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || missing="$missing postgresql"
command -v promtool >/dev/null 2>&1 || missing="$missing prometheus"
command -v check_postgres >/dev/null 2>&1 || missing="$missing check-postgres"
command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
if [ -z "$missing" ]; then
    echo "system-deps: all there"
    exit 0
fi
if ! command -v apt-get >/dev/null 2>&1; then
    echo "system-deps: no apt-get here; install with the system's own package manager:$missing" >&2
    exit 2
fi
as_root=""
[ "$(id -u)" -eq 0 ] || as_root="sudo"
$as_root apt-get update -qq
# shellcheck disable=SC2086  one word for each package
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
echo "system-deps: installed$missing"
