#!/usr/bin/env bash
# The function under `cargo lambda watch`, on the local engine, with its records in DynamoDB Local:
#   http://127.0.0.1:9000/                                                   HTTP, as through a function URL
#   http://127.0.0.1:9000/2015-03-31/functions/safe-code-executor/invocations   any event
# SCE_WATCH_PORT is another port than 9000. Every SCE_ setting of the environment counts.
#   watch.sh --check   on a free port and with a table of its own, runs the README's examples, and ends
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=infra/local/lib.sh
. infra/local/lib.sh

mode=${1:-}
[ -z "$mode" ] || [ "$mode" = --check ] || die "usage: watch.sh [--check]"
port=${SCE_WATCH_PORT:-9000}
unset SCE_WATCH_PORT # ours alone: the function refuses settings that it does not know
if [ -n "$mode" ]; then
  port=$(free_port)
  # Nothing of an earlier run counts, and what waits does not outlive us for long.
  export SCE_TABLE=watch-check-$port-$RANDOM SCE_DEPLOYMENT=watch-check-$port SCE_POOL_LEASE_SECONDS=60
fi
tools=$(infra/local/lambda-tools.sh)
endpoint=${SCE_DYNAMODB_ENDPOINT:-$(infra/local/dynamodb.sh up)}
say "records: table ${SCE_TABLE:-safe-code-executor} at $endpoint"
# Built before anybody asks: a first request would wait for it, and give up.
cargo build --locked --bin safe-code-executor
export PATH=$tools:$PATH SCE_DYNAMODB_ENDPOINT=$endpoint SCE_LOG_FORMAT=${SCE_LOG_FORMAT:-pretty}
# Nobody is authenticated here, and nobody but this machine's user can ask.
export SCE_ANONYMOUS_HISTORY=${SCE_ANONYMOUS_HISTORY:-true}
# Code is not watched: a sandbox in use would be lost with each change.
watch=(cargo lambda watch --ignore-changes --bin safe-code-executor --invoke-address 127.0.0.1 --invoke-port "$port")
[ -n "$mode" ] || exec "${watch[@]}"

url=http://127.0.0.1:$port
log=$(target_dir)/watch-check-$port.log
"${watch[@]}" >"$log" 2>&1 </dev/null &
watching=$!
# Asked to end, it takes the function along.
trap 'kill -TERM "$watching" 2>/dev/null && wait "$watching" || true' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
wait_for "$watching" "$log" 120 answers_http "$url/" --max-time 10 ||
  die "the function does not answer; above is the end of $log"
TEST_WATCH_URL=$url cargo test --locked --test suite readme:: || { tail -n 30 "$log" >&2; die "see above, and $log"; }
say "the README's examples do what it says, on ${DOCKER_HOST:-the engine of this machine}"
