#!/bin/sh
# Installs what some tests and benchmarks want from Debian, and leaves no server of it running.
# Tests that need a program that is missing are skipped and say so; under CI=true they fail.
set -eu
missing=""
services=""
# want FILE PACKAGE SERVICE: the file proves that the package is installed; the service would start with it.
want() {
    # shellcheck disable=SC2086  the pattern of PostgreSQL's folders is to be expanded
    ls $1 >/dev/null 2>&1 || { missing="$missing $2"; services="$services $3"; }
}
# program NAME PACKAGE SERVICE: the same by the name of a program; servers are not always on a user's PATH.
program() {
    PATH="$PATH:/usr/sbin" command -v "$1" >/dev/null 2>&1 || { missing="$missing $2"; services="$services $3"; }
}
want "/usr/lib/postgresql/*/bin/postgres" postgresql postgresql
program pgbouncer pgbouncer pgbouncer
program nginx nginx-light nginx
program rg ripgrep ""
program promtool prometheus "prometheus prometheus-node-exporter"
program check_postgres check-postgres ""
program chromium chromium ""
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
# Debian starts a server when it is installed. The tests start their own; those on the default ports are stopped.
for service in $services; do
    if [ -d /run/systemd/system ]; then
        $as_root systemctl disable --now --quiet "$service" 2>/dev/null || true
    elif [ -x "/etc/init.d/$service" ]; then
        $as_root "/etc/init.d/$service" stop >/dev/null 2>&1 || true
    fi
done
echo "system-deps: installed$missing"
