#!/bin/sh
# Runs a command beside a PostgreSQL server of its own, which INBOUND_ENGINE_POSTGRES names, and takes the server away again:
#
#     tests/postgres.sh .venv/bin/python -m pytest tests/test_sql.py tests/laws/test_sql_laws.py
#
# The server lives in a temporary directory and listens on loopback alone, without a password. Its programs are looked for on the
# path and where Debian keeps them; PG_BIN may name another directory. Root may not run a server: then PG_USER does (postgres).
set -eu

[ $# -gt 0 ] || { echo "usage: $0 command..." >&2; exit 2; }

programs=${PG_BIN:-}
if [ -z "$programs" ]; then
    if command -v pg_ctl >/dev/null 2>&1; then
        programs=$(dirname "$(command -v pg_ctl)")
    else
        for found in /usr/lib/postgresql/*/bin; do programs=$found; done
    fi
fi
[ -x "$programs/initdb" ] || { echo "$0: no initdb in ${programs:-the path}; PG_BIN may name its directory" >&2; exit 1; }

place=$(mktemp -d)
port=${PG_PORT:-$((20000 + $$ % 20000))}

as_owner() {
    if [ "$(id -u)" -eq 0 ]; then
        su "${PG_USER:-postgres}" -s /bin/sh -c "$1"
    else
        sh -c "$1"
    fi
}

stop() {
    as_owner "'$programs/pg_ctl' -D '$place/data' -m immediate -w stop" >/dev/null 2>&1 || true
    rm -rf "$place"
}
trap stop EXIT
trap 'exit 1' HUP INT TERM

if [ "$(id -u)" -eq 0 ]; then chown "${PG_USER:-postgres}" "$place"; fi
as_owner "'$programs/initdb' -D '$place/data' -U postgres -A trust -E UTF8 --locale=C.UTF-8" >"$place/initdb.log" 2>&1 ||
    { cat "$place/initdb.log" >&2; exit 1; }
as_owner "'$programs/pg_ctl' -D '$place/data' -l '$place/log' -w start \
    -o '-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories=$place -c fsync=off'" >/dev/null ||
    { cat "$place/log" >&2; exit 1; }

INBOUND_ENGINE_POSTGRES="host=127.0.0.1 port=$port user=postgres dbname=postgres" "$@"
