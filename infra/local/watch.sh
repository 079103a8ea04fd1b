#!/usr/bin/env bash
# The function under `cargo lambda watch`, on the local engine, with its records in DynamoDB Local:
#   http://127.0.0.1:9000/                                                   HTTP, as through a function URL
#   http://127.0.0.1:9000/2015-03-31/functions/safe-code-executor/invocations   any event
# SCE_WATCH_PORT is another port than 9000. Every SCE_ setting of the environment counts.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=infra/local/lib.sh
. infra/local/lib.sh

tools=$(infra/local/lambda-tools.sh)
endpoint=${SCE_DYNAMODB_ENDPOINT:-$(infra/local/dynamodb.sh up)}
say "records: table ${SCE_TABLE:-safe-code-executor} at $endpoint"
port=${SCE_WATCH_PORT:-9000}
unset SCE_WATCH_PORT # ours alone: the function refuses settings that it does not know
# Built before anybody asks: a first request would wait for it, and give up.
cargo build --locked --bin safe-code-executor
# Code is not watched: a sandbox in use would be lost with each change.
PATH=$tools:$PATH SCE_DYNAMODB_ENDPOINT=$endpoint SCE_LOG_FORMAT=${SCE_LOG_FORMAT:-pretty} \
  exec cargo lambda watch --ignore-changes --bin safe-code-executor \
  --invoke-address 127.0.0.1 --invoke-port "$port"
