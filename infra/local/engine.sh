#!/usr/bin/env bash
# A Docker engine for this machine: uses the one that answers, else installs (Debian, Ubuntu) and starts one.
#   engine.sh up      make sure that an engine answers; touches nothing when one does
#   engine.sh stop    stop the engine that `up` started by hand, and no other
#   engine.sh status  say what answers, and who started it
set -euo pipefail
# shellcheck source=infra/local/lib.sh
. "$(dirname "$0")/lib.sh"

log=$state_dir/dockerd.log
record=$state_dir/dockerd.pid # "pid start-time" of the dockerd that `up` started

some_dockerd_runs() { grep -qsx dockerd /proc/[0-9]*/comm; } # no pgrep: small machines lack it
# A pid alone may have been given to another process since; a pid and its start time may not.
start_time() { awk '{print $22}' "/proc/$1/stat" 2>/dev/null; }
is_running() { [ "$(cat "/proc/$1/comm" 2>/dev/null)" = "$2" ]; }
our_pid() {
  local pid started
  read -r pid started 2>/dev/null <"$record" || return 1
  is_running "$pid" dockerd && [ "$(start_time "$pid")" = "$started" ] && echo "$pid"
}

wait_for_engine() {
  local deadline=$((SECONDS + $1))
  until engine_answers; do
    [ "$SECONDS" -lt "$deadline" ] || return 1
    sleep 0.2
  done
}

refused_by_socket() { [ -S "$default_socket" ] && [ ! -w "$default_socket" ]; }
explain_permission() {
  die "a Docker engine runs, but user '$(id -un)' may not use $default_socket.
  Either join the group that may, then log in again:  sudo usermod -aG docker $(id -un)
  (membership of that group equals root on this machine), or run this command with sudo."
}

# Files left by an engine that was killed name pids that may since belong to other processes; dockerd would
# then refuse to start, or wait for a containerd that is not one.
forget_dead() {
  local file=$1 name=$2 pid
  pid=$(cat "$file" 2>/dev/null) || return 0
  is_running "$pid" "$name" || as_root rm -f "$file"
}

start_by_hand() {
  forget_dead /var/run/docker.pid dockerd
  forget_dead /var/run/docker/containerd/containerd.pid containerd
  say "starting dockerd by hand; its log: $log"
  # A session of its own and no inherited descriptor (nor our lock), so that it outlives this shell and holds
  # nobody's output open. Its data stays in /var/lib/docker, where the next start finds the images again.
  : >"$log"
  as_root setsid --fork dockerd >>"$log" 2>&1 </dev/null 9>&-
  if ! wait_for_engine 60; then
    refused_by_socket && explain_permission
    tail -n 30 "$log" >&2
    die "dockerd did not answer within 60 seconds; above is the end of $log"
  fi
  local pid
  pid=$(cat /var/run/docker.pid)
  echo "$pid $(start_time "$pid")" >"$record"
}

up() {
  have curl || apt_install curl ca-certificates
  exec 9>"$state_dir/engine.lock"
  if have flock; then flock 9; fi # two at once would start two engines
  if engine_answers; then
    say "an engine already answers at $docker_host: using it"
    return
  fi
  [ "$docker_host" = "unix://$default_socket" ] ||
    die "no engine answers at DOCKER_HOST=$docker_host; unset it to have one started on this machine"
  [ "$(uname -s)" = Linux ] || die "no engine answers at $default_socket: please start Docker"

  have dockerd || apt_install docker.io
  if ! some_dockerd_runs; then
    if [ -d /run/systemd/system ]; then
      say "starting docker.service"
      as_root systemctl start docker
    else
      start_by_hand
    fi
  fi
  # One that is starting or still leaving is waited for: a second dockerd beside it would lose its bridge.
  if ! wait_for_engine 60; then
    refused_by_socket && explain_permission
    die "a dockerd runs but does not answer at $default_socket; not starting a second one beside it"
  fi
  say "engine ready: $(engine GET /version | json_field Version)"
}

stop() {
  local pid deadline=$((SECONDS + 60))
  pid=$(our_pid) || { say "nothing to stop: no engine that runs was started here"; return; }
  as_root kill -TERM "$pid"
  while is_running "$pid" dockerd; do
    [ "$SECONDS" -lt "$deadline" ] || die "dockerd ($pid) has not ended within 60 seconds"
    sleep 0.2
  done
  rm -f "$record"
  say "stopped dockerd ($pid)"
}

status() {
  local pid
  engine_answers || { say "no engine answers at $docker_host"; return 1; }
  say "engine $(engine GET /version | json_field Version) answers at $docker_host"
  if pid=$(our_pid); then say "started here as process $pid, log: $log"; else say "not started by this script"; fi
}

case ${1:-} in
  up | stop | status) "$1" ;;
  *) die "usage: engine.sh up|stop|status" ;;
esac
