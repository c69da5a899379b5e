#!/usr/bin/env bash
# Runs the browser tests on both databases; test/postgres.sh gives the PostgreSQL.
# Two files at a time, each with a program and a copy of the demonstration of its own: one walks while the other waits for its page.
# HUIKAN_PICTURES=1 leaves a picture of every page in test/browser/out, not only of those with something wrong.
# Node's summary ends the output, and its status is the status of the run.
#   test/postgres.sh test/browser/run.sh
set -euo pipefail
cd "$(dirname "$0")"
[ -n "${HUIKAN_TEST_POSTGRES:-}" ] || { echo "run.sh: HUIKAN_TEST_POSTGRES is not set; run test/postgres.sh test/browser/run.sh" >&2; exit 2; }
[ -x ../../bin/huikan ] || { echo "run.sh: bin/huikan is missing; run make build" >&2; exit 2; }
rm -rf out
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
export HUIKAN_MADE=$made
for engine in sqlite postgres; do node -e "import('./lib.mjs').then(m => m.made('$engine'))"; done
node --test --test-concurrency=2 --test-reporter=spec "$@" ./*.test.mjs
