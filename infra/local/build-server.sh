#!/usr/bin/env bash
# The server that `make run` starts, built as Cargo.toml's profile `serve` says.
# Says what the building takes.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=infra/local/lib.sh
. infra/local/lib.sh

if [ -x "$(target_dir)/serve/safe-code-executor" ]; then
  say 'building what has changed since the last time'
else
  say 'building the server: some 300 packages, which takes minutes, this once'
fi
began=$SECONDS
cargo build --profile serve --locked --bin safe-code-executor
say "built in $((SECONDS - began)) s; it now tries a first program in each language, then listens"
