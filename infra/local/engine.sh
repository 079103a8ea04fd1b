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

# The machine's own: those that our tests start beside it have a pid file of their own. No pgrep: small machines lack it.
some_dockerd_runs() {
  local name
  for name in /proc/[0-9]*/comm; do
    if grep -qsx dockerd "$name" && ! tr '\0' '\n' 2>/dev/null <"${name%comm}cmdline" | grep -q '^--pidfile'; then return; fi
  done
  return 1
}
# A pid alone may have been given to another process since; a pid and its start time may not.
start_time() { awk '{print $22}' "/proc/$1/stat" 2>/dev/null; }
is_running() { [ "$(cat "/proc/$1/comm" 2>/dev/null)" = "$2" ]; }
our_pid() {
  local pid started
  read -r pid started 2>/dev/null <"$record" || return 1
  is_running "$pid" dockerd && [ "$(start_time "$pid")" = "$started" ] && echo "$pid"
}

# An engine runs, but this user may not ask it. Without a dockerd the socket is only what one left behind.
refused_by_socket() { some_dockerd_runs && [ -S "$default_socket" ] && [ ! -w "$default_socket" ]; }

wait_for_engine() {
  local since=$SECONDS
  until engine_answers; do
    # Refused at first is usual: a new socket gets its group a moment after it is made.
    if refused_by_socket && [ $((SECONDS - since)) -ge 3 ]; then explain_permission; fi
    [ $((SECONDS - since)) -lt 60 ] || return 1
    # One that leaves, or failed to start, will not answer any more.
    some_dockerd_runs || [ $((SECONDS - since)) -lt 2 ] || return 1
    sleep 0.2
  done
}

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
  local pid _
  as_root true || die "no engine runs, and starting dockerd needs root: please start Docker, or ask who may"
  forget_dead /var/run/docker.pid dockerd
  forget_dead /var/run/docker/containerd/containerd.pid containerd
  say "starting dockerd by hand; its log: $log"
  # A session of its own and no inherited descriptor (nor our lock), so that it outlives this shell and holds
  # nobody's output open. Its data stays in /var/lib/docker, where the next start finds the images again.
  : >"$log"
  as_root setsid --fork dockerd >>"$log" 2>&1 </dev/null 9>&-
  for _ in {1..20}; do
    [ -s /var/run/docker.pid ] && break # written first of all
    sleep 0.1
  done
  if pid=$(cat /var/run/docker.pid 2>/dev/null); then echo "$pid $(start_time "$pid")" >"$record"; fi
  if ! wait_for_engine; then
    tail -n 30 "$log" >&2
    die "dockerd does not answer; above is the end of $log"
  fi
}

start() {
  have dockerd || apt_install docker.io
  # One that is starting, perhaps just installed, is waited for. One that is leaving too: a second dockerd
  # started before the first has gone loses its bridge.
  if some_dockerd_runs && wait_for_engine; then return; fi
  some_dockerd_runs && die "a dockerd runs but does not answer at $default_socket; not starting a second one beside it"
  if [ -d /run/systemd/system ]; then
    say "starting docker.service"
    as_root systemctl start docker
    wait_for_engine || die "docker.service does not answer; see: journalctl -u docker"
  else
    start_by_hand
  fi
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
  start
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
  if ! engine_answers; then
    if refused_by_socket; then explain_permission; fi
    die "no engine answers at $docker_host"
  fi
  say "engine $(engine GET /version | json_field Version) answers at $docker_host"
  if pid=$(our_pid); then say "started here as process $pid, log: $log"; else say "not started by this script"; fi
}

case ${1:-} in
  up | stop | status) "$1" ;;
  *) die "usage: engine.sh up|stop|status" ;;
esac
