#!/usr/bin/env bash
# Installs what the tests need and this machine lacks: a PostgreSQL server, Chromium, a CJK font and Node from
# Debian, the checkers from npm by lock file. Nothing is installed that is there already.
set -euo pipefail
cd "$(dirname "$0")/.."
need=()
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || need+=(postgresql)
command -v chromium-headless-shell >/dev/null || command -v chromium >/dev/null || need+=(chromium)
command -v node >/dev/null || need+=(nodejs)
command -v npm >/dev/null || need+=(npm)
fc-list :lang=zh 2>/dev/null | grep -q . || need+=(fonts-noto-cjk fontconfig)
if [ ${#need[@]} -gt 0 ]; then
  echo "installing: ${need[*]}"
  as=()
  [ "$(id -u)" = 0 ] || as=(sudo)
  "${as[@]}" apt-get update -qq
  DEBIAN_FRONTEND=noninteractive "${as[@]}" apt-get install -y -qq --no-install-recommends "${need[@]}" >/dev/null
fi
if [ test/browser/package-lock.json -nt test/browser/node_modules/.package-lock.json ]; then
  (cd test/browser && npm ci --ignore-scripts --no-audit --no-fund --silent)
fi
