#!/usr/bin/env bash
# The function behind an API Gateway on this machine, built and declared as for AWS: `sam build`, then
# `sam local start-api` with template.yaml. Its container reaches the local engine over mutual TLS, as in the cloud,
# through a door that is open while this runs; records go to DynamoDB Local.
#   sam-local.sh          serve on http://127.0.0.1:3000 until Ctrl-C; SCE_SAM_PORT is another port
#   sam-local.sh --check  serve on a free port, ask /, /run, /history and /ui, stop; fails when an answer is wrong
# Both need an engine with the images (make setup). Built in target/sam.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=infra/local/lib.sh
. infra/local/lib.sh

mode=${1:-}
[ -z "$mode" ] || [ "$mode" = --check ] || die "usage: sam-local.sh [--check]"
# How long sandboxes that wait outlive us, in seconds.
lease=900 name=sam-local table=safe-code-executor
if [ -n "$mode" ]; then
  # Nothing of an earlier run counts, nor of one beside this.
  lease=60 name=sam-check-$$-$RANDOM
  table=$name
fi
tools=$(infra/local/lambda-tools.sh)
export PATH=$tools:$PATH SAM_CLI_TELEMETRY=0
built=$PWD/target/sam
certs=$built/Function/docker-certs

# What the SAM CLI puts the function into holds no part of us. Where its registry is out of reach, any small Linux with a glibc of 2.34 or newer
# will do (package.sh checks that we need no newer one): the image of Python's sandboxes is one.
base_image() {
  local image why
  image=$("$tools/python" -c 'from samcli.local.docker.lambda_image import LambdaImage, Runtime
print(LambdaImage._INVOKE_REPO_PREFIX, Runtime.get_image_name_tag("provided.al2023", "x86_64"), sep="/")')
  if inspect "$image" >/dev/null; then return; fi
  say "$image: pulling"
  if pull "$image"; then return; fi
  say "$image: could not be pulled: ${why:-no answer in time}"
  # An image of its own, and not one more name of Python's, by which that might then be called.
  local work
  work=$(mktemp -d)
  printf 'FROM python:3.11-slim\nLABEL org.opencontainers.image.title="stand-in for %s"\n' "$image" >"$work/Dockerfile"
  tar -C "$work" -c Dockerfile | engine POST "/build?t=$image" --upload-file - --output /dev/null || true
  rm -rf "$work"
  inspect "$image" >/dev/null || die "no image stands in for it: run images.sh first"
  say "$image: python:3.11-slim STANDS IN for it, which is not Amazon Linux"
}

build() {
  [ "$(uname -m)" = x86_64 ] || die "the template's function is for x86_64, and sam does not build for another machine"
  sam build --template template.yaml --build-dir "$built" >&2
  # The SAM CLI sets variables that the template names, and no others; these have no place in the cloud.
  sed -i 's/^\( *\)SCE_TABLE:/\1SCE_DYNAMODB_ENDPOINT: ""\n\1SCE_POOL_LEASE_SECONDS: ""\n&/' "$built/template.yaml"
  grep -q SCE_DYNAMODB_ENDPOINT "$built/template.yaml" || die "the template's settings are no longer where they were"
}

# Sets `door`, the process, and writes what the function needs to come through it.
open_door() {
  local gateway endpoint deadline=$((SECONDS + 10))
  case $docker_host in unix://*) ;; *) die "the engine must be one of this machine, not $docker_host" ;; esac
  gateway=$(engine GET /networks/bridge | json_field Gateway)
  [ -n "$gateway" ] || die "the engine has no bridge by which a container could reach this machine"
  rm -rf "$certs"
  "$tools/python" infra/local/engine-door.py "$gateway" "${docker_host#unix://}" "$certs" &
  door=$!
  until [ -s "$certs/port" ]; do
    if ! kill -0 "$door" 2>/dev/null || [ "$SECONDS" -ge "$deadline" ]; then die "the door to the engine did not open"; fi
    sleep 0.1
  done
  endpoint=$(infra/local/dynamodb.sh up)
  # What only a machine like this needs stands in no template for the cloud.
  cat >"$built/environment.json" <<JSON
{"Parameters": {
  "DOCKER_HOST": "tcp://$gateway:$(cat "$certs/port")", "DOCKER_CERT_PATH": "/var/task/docker-certs",
  "SCE_DYNAMODB_ENDPOINT": "${endpoint/127.0.0.1/$gateway}", "SCE_TABLE": "$table",
  "SCE_DEPLOYMENT": "$name", "SCE_POOL_LEASE_SECONDS": "$lease"
}}
JSON
  say "records: table $table at $endpoint"
}

# serve PORT: in the background, as the process `api`.
serve() {
  AWS_DEFAULT_REGION=us-east-1 AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local \
    sam local start-api --template "$built/template.yaml" --env-vars "$built/environment.json" \
    --skip-pull-image --warm-containers EAGER --no-watch --port "$1" &
  api=$!
}

# expect WHAT PATTERN [curl option…]: the answer must be of status 200 and its text hold the pattern.
expect() {
  local what=$1 pattern=$2 answer
  shift 2
  answer=$(curl --silent --show-error --noproxy '*' --max-time 60 --write-out '\n%{http_code}' "$@") || answer+=$'\nnone'
  if [ "${answer##*$'\n'}" != 200 ] || ! grep -q -- "$pattern" <<<"$answer"; then
    printf '%s\n' "${answer:0:2000}" >&2
    die "$what: that is not the answer that was expected ($pattern)"
  fi
  say "$what: $(head -c 150 <<<"$answer" | head -n 1)"
}

ask_everything() { # URL
  local mark=$RANDOM$RANDOM
  expect 'GET /' 'Safe Code Executor API is running!' "$1/"
  expect 'POST /run' "\"output\":\"$((mark + 1))\\\\n\"" "$1/run" \
    --header 'content-type: application/json' --data "{\"code\": \"print($mark + 1)\"}"
  expect 'GET /history' "print($mark + 1)" "$1/history"
  expect 'GET /ui' '<title>Safe Code Executor' "$1/ui" --location
}

check() {
  local port log=$built/check.log deadline=$((SECONDS + 120))
  port=$(free_port)
  serve "$port" >"$log" 2>&1
  until (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
    if ! kill -0 "$api" 2>/dev/null || [ "$SECONDS" -ge "$deadline" ]; then
      tail -n 30 "$log" >&2
      die "no API; above is the end of $log"
    fi
    sleep 0.2
  done
  ask_everything "http://127.0.0.1:$port" || { tail -n 30 "$log" >&2; exit 1; }
}

door='' api=''
clean_up() {
  # Asked to end, it takes the function's container away.
  [ -z "$api" ] || { kill -TERM "$api" 2>/dev/null && wait "$api"; } || true
  [ -z "$door" ] || kill "$door" 2>/dev/null || true
}
trap clean_up EXIT

base_image
build
open_door
if [ "$mode" = --check ]; then
  check
  say "all answers are right"
else
  say "http://127.0.0.1:${SCE_SAM_PORT:-3000}"
  serve "${SCE_SAM_PORT:-3000}"
  wait "$api"
fi
