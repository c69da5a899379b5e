#!/usr/bin/env bash
# Runs the browser tests on both databases; test/postgres.sh gives the PostgreSQL.
set -euo pipefail
cd "$(dirname "$0")"
exec node --test --test-concurrency=1 ./*.test.mjs
