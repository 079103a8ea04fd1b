#!/usr/bin/env bash
# Runs a command on a Docker engine of its own, which has the images of this machine's engine and is gone when the
# command is over. The command finds it by DOCKER_HOST.
#   own-engine.sh --tls COMMAND…     spoken to over TCP with mutual TLS, as the Docker hosts are: on loopback, with
#                                    DOCKER_CERT_PATH; TEST_DOCKER_SOCKET is its Unix socket, by which tests look at it
#   own-engine.sh --gvisor COMMAND…  with the runtime `runsc` beside `runc`, as SCE_GVISOR=true gives it to a host;
#                                    installs it where it is missing (Debian)
#   own-engine.sh --no-landlock COMMAND…  with the runtime `runc-no-landlock` beside `runc`: the same, in whose containers
#                                    the kernel seems to have no Landlock
# Needs root, as every dockerd does, python3, util-linux's unshare, and 1 GB in /var/tmp.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=infra/local/lib.sh
. infra/local/lib.sh

mode=${1:-}
case $mode in --tls | --gvisor | --no-landlock) ;; *) die 'usage: own-engine.sh --tls|--gvisor|--no-landlock COMMAND…' ;; esac
shift
[ $# -gt 0 ] || die "own-engine.sh $mode: which command?"
[ "$(id -u)" = 0 ] || die 'this must run as root: it starts a dockerd'
# Not in /tmp: the engine's layers need a real disk beneath them.
root=$(mktemp -d /var/tmp/sce-engine.XXXXXX)
dockerd=''
clean_up() {
  trap '' INT TERM # one more Ctrl-C would leave half of it
  # Gently: then it takes its containers and its containerd along.
  if [ -n "$dockerd" ] && kill -TERM "$dockerd" 2>/dev/null && ! timeout 30 tail --pid="$dockerd" -f /dev/null; then
    kill -KILL "$dockerd" "$(cat "$root/exec/containerd/containerd.pid")" || true
  fi
  rm -rf --one-file-system "$root"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

with_tls() {
  infra/certificates.sh ca "$root/pki" 2>/dev/null
  infra/certificates.sh server "$root/pki" 127.0.0.1 2>/dev/null
  infra/certificates.sh client "$root/pki" 2>/dev/null
  options=(--host fd:// --tlsverify --tlscacert "$root/pki/ca.pem")
  options+=(--tlscert "$root/pki/server/cert.pem" --tlskey "$root/pki/server/key.pem")
}

with_gvisor() {
  have runsc || apt_install runsc
  echo '{"runtimes": {"runsc": {"path": "runsc", "runtimeArgs": ["--network=none", "--oci-seccomp"]}}}' >"$root/daemon.json"
  options=(--config-file "$root/daemon.json")
}

with_no-landlock() {
  echo "{\"runtimes\": {\"runc-no-landlock\": {\"path\": \"$PWD/infra/local/runc-no-landlock.py\"}}}" >"$root/daemon.json"
  options=(--config-file "$root/daemon.json")
}

# start OPTION…
start() {
  # In a network of its own: without a bridge, dockerd removes the machine's `docker0`, which is the other engine's. The
  # listening socket is the machine's all the same, handed over as systemd would. Ends with us, however we end; a
  # Ctrl-C is for the command, which still needs it.
  python3 - "$root/port" --host "unix://$root/docker.sock" --pidfile "$root/docker.pid" --data-root "$root/data" \
    --exec-root "$root/exec" --bridge=none --iptables=false --ip6tables=false --ip-forward=false "$@" \
    >"$root/log" 2>&1 <<'PYTHON' &
import ctypes, os, pathlib, signal, socket, sys

PR_SET_PDEATHSIG = 1
ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
os.setsid()
listener = socket.create_server(("127.0.0.1", 0))
os.dup2(listener.fileno(), 3)
os.set_inheritable(3, True)
os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
pathlib.Path(sys.argv[1]).write_text(f"{listener.getsockname()[1]}\n")
os.execvp("unshare", ["unshare", "--net", "dockerd", *sys.argv[2:]])
PYTHON
  dockerd=$!
}

# As the command will ask it.
answers() {
  [ -s "$root/port" ] || return 1
  case $mode in
    --tls) docker_host=tcp://127.0.0.1:$(cat "$root/port") DOCKER_CERT_PATH=$root/pki/client engine_answers ;;
    *) docker_host=unix://$root/docker.sock engine_answers ;;
  esac
}

copy_images() {
  local names
  # By their names: saved by digest, an image would arrive without one.
  names=$(images_of_languages | sed 's/@.*//; s/^/names=/' | paste -sd '&')
  engine GET "/images/get?$names" --max-time 120 |
    docker_host=unix://$root/docker.sock engine POST /images/load --upload-file - --max-time 300 --output /dev/null
}

engine_answers || die "no engine answers at $docker_host: run engine.sh up first"
say 'starting an engine of our own, with the images of this one (half a minute)'
options=()
"with_${mode#--}"
start "${options[@]}"
wait_for "$dockerd" "$root/log" 60 answers || die 'the engine does not answer; above is the end of its log'
copy_images
if [ "$mode" = --tls ]; then
  DOCKER_HOST=tcp://127.0.0.1:$(cat "$root/port")
  export DOCKER_CERT_PATH=$root/pki/client TEST_DOCKER_SOCKET=$root/docker.sock
else
  DOCKER_HOST=unix://$root/docker.sock
fi
export DOCKER_HOST
unset SCE_LANGUAGES # said which images to take along, not what the command serves
say "an engine of our own: $DOCKER_HOST"
"$@"
