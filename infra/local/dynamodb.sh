#!/usr/bin/env bash
# DynamoDB Local, AWS's own engine in one Java program, for tests and for `make watch`. In memory: a stop forgets all,
# unless SCE_DYNAMODB_DATA names a folder to keep the tables in.
#   dynamodb.sh up      make sure that one answers; prints its endpoint on stdout, and nothing else there
#   dynamodb.sh stop    stop the one that `up` started
#   dynamodb.sh status  say whether one answers, and where
# SCE_DYNAMODB_PORT asks for a port; without it the first free one from 8000 is taken.
# It listens on every interface and knows no passwords: nothing for a machine that strangers can reach.
set -euo pipefail
# shellcheck source=infra/local/lib.sh
. "$(dirname "$0")/lib.sh"

# The engine comes inside an npm package, which is fetched once, checked, and kept.
package=amplify-dynamodb-simulator
version=2.9.30
checksum=3503ffac19f183407909fecdacf4db51ab1fdad1da7b2f177016670b2d80e4b9
home=$cache_dir/dynamodb-local-$version
log=$state_dir/dynamodb.log
record=$state_dir/dynamodb.pid # "pid start-time port" of the one that `up` started
endpoint_file=$state_dir/dynamodb.endpoint # where tests look for it

start_time() { awk '{print $22}' "/proc/$1/stat" 2>/dev/null; }

# A pid alone may have been given to another process since; a pid and its start time may not.
our_pid() {
  local pid started
  read -r pid started _ 2>/dev/null <"$record" || return 1
  [ "$(start_time "$pid")" = "$started" ] && echo "$pid"
}
our_port() { awk '{print $3}' "$record"; }

# Any request without a signature is refused, and the refusal names who refuses.
answers() {
  curl --silent --noproxy '*' --max-time 2 "http://127.0.0.1:$1/" 2>/dev/null | grep -q MissingAuthenticationToken
}

port_is_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

choose_port() {
  local port=${SCE_DYNAMODB_PORT:-}
  if [ -n "$port" ]; then
    ! port_is_taken "$port" || die "port $port is taken by another program"
    echo "$port"
    return
  fi
  for ((port = 8000; port < 8100; port++)); do
    port_is_taken "$port" || { echo "$port"; return; }
  done
  die "no port from 8000 to 8099 is free; set SCE_DYNAMODB_PORT"
}

install_engine() {
  [ -f "$home/DynamoDBLocal.jar" ] && return
  have npm || apt_install npm
  local work
  work=$(mktemp -d "$cache_dir/install.XXXXXX")
  # shellcheck disable=SC2064 # the folder as it is named now
  trap "rm -rf '$work'" EXIT
  say "fetching $package $version (57 MB, once)"
  (cd "$work" && timeout 600 npm pack --silent "$package@$version" >/dev/null) || die "npm could not fetch $package"
  local archive=$work/$package-$version.tgz
  echo "$checksum  $archive" | sha256sum --check --quiet || die "$package $version is not the file that we know"
  tar -xzf "$archive" -C "$work" package/emulator
  # Moved into place whole: a script that is interrupted leaves no half of it.
  mv "$work/package/emulator" "$home" 2>/dev/null || [ -f "$home/DynamoDBLocal.jar" ]
}

up() {
  have curl || apt_install curl ca-certificates
  exec 9>"$state_dir/dynamodb.lock"
  if have flock; then flock 9; fi # two at once would start two
  local pid port
  if pid=$(our_pid) && answers "$(our_port)"; then
    say "DynamoDB Local already answers (process $pid)"
    cat "$endpoint_file"
    return
  fi
  have java || apt_install default-jre-headless
  install_engine
  port=$(choose_port)
  local keep=(-inMemory)
  [ -z "${SCE_DYNAMODB_DATA:-}" ] || keep=(-dbPath "$(realpath "$SCE_DYNAMODB_DATA")")
  # A session of its own and no inherited descriptor, so that it outlives this shell and holds nobody's output open.
  : >"$log"
  (cd "$home" && exec setsid java -Xmx1g "-Djava.library.path=$home/DynamoDBLocal_lib" -jar DynamoDBLocal.jar \
    "${keep[@]}" -sharedDb -disableTelemetry -cors http://127.0.0.1 -port "$port" >>"$log" 2>&1 </dev/null 9>&-) &
  pid=$!
  echo "$pid $(start_time "$pid") $port" >"$record"
  wait_for "$pid" "$log" 60 answers "$port" ||
    die "DynamoDB Local did not answer within 60 seconds; above is the end of $log"
  echo "http://127.0.0.1:$port" >"$endpoint_file"
  say "DynamoDB Local ready (process $pid); its log: $log"
  cat "$endpoint_file"
}

stop() {
  local pid deadline=$((SECONDS + 20))
  pid=$(our_pid) || { say "nothing to stop: none that runs was started here"; return; }
  kill -TERM "$pid"
  while [ -n "$(our_pid)" ]; do
    [ "$SECONDS" -lt "$deadline" ] || { kill -KILL "$pid"; break; }
    sleep 0.1
  done
  rm -f "$record" "$endpoint_file"
  say "stopped DynamoDB Local ($pid)"
}

status() {
  local pid
  if pid=$(our_pid) && answers "$(our_port)"; then
    say "DynamoDB Local answers at $(cat "$endpoint_file") (process $pid, log: $log)"
  else
    say "no DynamoDB Local was started here, or it does not answer"
    return 1
  fi
}

case ${1:-} in
  up | stop | status) "$1" ;;
  *) die "usage: dynamodb.sh up|stop|status" ;;
esac
