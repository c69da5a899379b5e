#!/usr/bin/env bash
# Starts a throw-away PostgreSQL cluster for the tests and runs a command with its
# address in HUIKAN_TEST_POSTGRES; the cluster ends with the command.
#   test/postgres.sh go test ./...
# PostgreSQL refuses to run as root, so root hands the cluster to the user "postgres".
set -euo pipefail
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
[ -x "$bin/initdb" ] || { echo "test/postgres.sh: no PostgreSQL server found (apt-get install postgresql)" >&2; exit 1; }
# Databases of tests live in memory where there is room: what is lost with the machine is not missed.
room=
if [ -z "${TMPDIR:-}" ] && [ "$(df --output=avail -k /dev/shm 2>/dev/null | tail -n 1)" -gt 6000000 ] 2>/dev/null; then
  room=$(mktemp -d /dev/shm/huikan-test.XXXXXX)
  chmod 711 "$room"
  export TMPDIR=$room
fi
dir=$(mktemp -d "${TMPDIR:-/tmp}/huikan-pg.XXXXXX")
as() { "$@"; }
stop() { as "$bin/pg_ctl" -D "$dir/data" -m immediate -w stop >/dev/null 2>&1 || true; rm -rf "$dir" "$dir.log" ${room:+"$room"}; }
trap stop EXIT
if [ "$(id -u)" = 0 ]; then
  chown postgres "$dir"
  as() { (cd "$dir" && runuser -u postgres -- "$@"); }
fi
port=$(python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])' 2>/dev/null || echo 54329)
as "$bin/initdb" -D "$dir/data" -U huikan -A trust -E UTF8 --locale=C.UTF-8 >"$dir.log" 2>&1 || { cat "$dir.log" >&2; exit 1; }
cat >>"$dir/data/postgresql.conf" <<CONF
listen_addresses = '127.0.0.1'
port = $port
unix_socket_directories = '$dir'
max_connections = 300
shared_buffers = 128MB
log_min_messages = fatal
CONF
as "$bin/pg_ctl" -D "$dir/data" -w -l "$dir/data/server.log" start >/dev/null || { cat "$dir/data/server.log" >&2; exit 1; }
as "$bin/createdb" -h 127.0.0.1 -p "$port" -U huikan huikan
export HUIKAN_TEST_POSTGRES="postgres://huikan@127.0.0.1:$port/huikan?sslmode=disable"
"$@"
