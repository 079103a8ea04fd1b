#!/usr/bin/env bash
# Everything that is checked of the page: types, lint, unit tests, that dist/ is what the sources build, and the page in
# a real browser against the real server and engine.
#   ui/check.sh [SERVER]   SERVER: the binary to drive; without it, this tree's is built
# Needs an engine with the images (make setup). Installs Node's packages by the lock file, and on Debian what is missing
# of Node.js and Chromium. Starts its own servers on free ports. Pictures of every state and the servers' logs: ui/shots/.
set -euo pipefail
server=${1:-${SCE_SERVER:-}}
[ -z "$server" ] || server=$(realpath "$server")
cd "$(dirname "$0")"

# shellcheck source=infra/local/lib.sh
. ../infra/local/lib.sh

node_is_new_enough() { have node && [ "$(node -p 'parseInt(process.versions.node)')" -ge 20 ]; }

packages() {
  have node || apt_install nodejs npm
  if ! node_is_new_enough || ! have npm; then
    die "Node.js 20 or newer with npm is needed to check the page (not to build the server)"
  fi
  # Only when the lock file is another than the one that is installed. No package runs a script of its own.
  local stamp=node_modules/.lock-sum sum
  sum=$(sha256sum package-lock.json)
  [ "$(cat "$stamp" 2>/dev/null)" != "$sum" ] || return 0
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
  printf '%s\n' "$sum" >"$stamp"
}

find_chromium() {
  local name
  for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome; do
    if [ -n "$name" ] && command -v "$name"; then return; fi
  done
  return 1
}

packages
npm run --silent types
npm run --silent lint
npm run --silent unit
npm run --silent check-dist
if [ -z "$server" ]; then
  PATH=$PATH:${CARGO_HOME:-$HOME/.cargo}/bin
  (cd .. && cargo build --quiet --locked --bin safe-code-executor)
  server=$(cd .. && target_dir)/debug/safe-code-executor
fi
[ -x "$server" ] || die "no server at $server"
find_chromium >/dev/null || apt_install chromium
CHROMIUM=$(find_chromium) || die "no Chromium found; name one in CHROMIUM"
export CHROMIUM
rm -rf shots
SCE_SERVER=$server npm run --silent e2e
