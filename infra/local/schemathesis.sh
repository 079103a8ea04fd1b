#!/usr/bin/env bash
# Holds the running server to its own contract: Schemathesis reads /openapi.json, makes hundreds of requests from it,
# good and bad, and judges every answer. Fails on any finding. Reports are left in target/schemathesis.
#   SCE_SEED=7 schemathesis.sh   other requests than the usual ones (seed 1)
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=infra/local/lib.sh
. infra/local/lib.sh

seed=${SCE_SEED:-1}
at_least=500 # cases; fewer means that the document lost operations, and is a failure
longest=600  # seconds for all of them

python_tools schemathesis Schemathesis
cargo build --quiet --locked --bin safe-code-executor
target=$(target_dir)
report=$target/schemathesis
data=$(mktemp -d)
rm -rf "$report" && mkdir -p "$report"

# No setting of whoever runs this, and a deployment of its own: beside another server, neither takes the other's sandboxes.
for name in ${!SCE_*}; do unset "$name"; done
SCE_LISTEN=127.0.0.1:0 SCE_DATA_DIR=$data SCE_DEPLOYMENT=schemathesis-$$-$RANDOM \
  "$target/debug/safe-code-executor" >"$report/server.log" 2>&1 &
server=$!
stop_server() {
  kill -TERM "$server" 2>/dev/null || true
  wait "$server" || true
  rm -rf "$data"
}
trap stop_server EXIT

# The port is the one that it got.
healthy() {
  url=http://$(grep -oE 'listening on http://[0-9.:]+' "$report/server.log" | cut -d/ -f3) && answers_http "$url/health" --max-time 5
}
wait_for "$server" "$report/server.log" 60 healthy ||
  die "the server did not become healthy; above is the end of its log"

# A WebSocket is opened by an upgrade that Schemathesis does not ask for.
# What is deleted while it runs is stopped (202) and stays on record; only what has ended is forgotten (204). Schemathesis
# cannot tell the two apart, so that deleting is left to `cargo test --test suite live::` and `--lib http::`.
# One worker: as many sandboxes at once as the host admits is another test's business, and a 429 no finding of this one.
found=0
NO_PROXY='*' PYTHONPATH=infra/local PYTHONDONTWRITEBYTECODE=1 SCHEMATHESIS_HOOKS=schemathesis_hooks \
  timeout --kill-after=10 "$longest" "$venv/bin/schemathesis" --config-file infra/local/schemathesis.toml run "$url/openapi.json" --seed "$seed" \
  --checks all --exclude-checks use_after_free --exclude-path /run/live --max-examples 60 --continue-on-failure --request-timeout 30 --generation-database none \
  --no-color --report junit,har --report-dir "$report" 2>&1 | tee "$report/output.txt" || found=$?
[ "$found" != 124 ] || die "not done within $longest seconds"
kill -0 "$server" 2>/dev/null || die "the server ended during the run; its log: $report/server.log"
[ "$found" = 0 ] || die "findings above; all requests and answers: $report"

cases=$(sed -n 's/^ *\([0-9][0-9]*\) generated.*/\1/p' "$report/output.txt" | tail -n 1)
[ "${cases:-0}" -ge "$at_least" ] || die "only ${cases:-0} cases were made, fewer than $at_least"
say "$cases cases, seed $seed, no finding"
