# shellcheck shell=bash
# What the scripts of this folder share. Sourced, never run.

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() { say "$*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# Logs, pid files and locks. Outside the tree, so that a fresh clone finds what the last one started.
state_dir=${SCE_STATE_DIR:-${XDG_STATE_HOME:-$HOME/.local/state}/safe-code-executor}
# Tools that the checks build or install for themselves, a folder per version.
cache_dir=${SCE_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/safe-code-executor}
mkdir -p "$state_dir" "$cache_dir"

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif have sudo; then sudo "$@"
  else die "'$1' must run as root, and there is no sudo here"
  fi
}

# Installs Debian packages; reads the package lists only when they do not yet know them.
apt_install() {
  have apt-get || die "missing: $*. Please install them: this is not Debian or Ubuntu, where the script could"
  say "installing with apt-get: $*"
  local quiet=(-qq -y -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 --no-install-recommends)
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install "${quiet[@]}" "$@" >/dev/null 2>&1 && return
  as_root apt-get update -qq || die "apt-get update failed"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install "${quiet[@]}" "$@" >/dev/null ||
    die "apt-get could not install: $*"
}

# python_tools LIST WHAT: the programs of infra/local/LIST.txt, installed once into a folder of their own; sets `venv`, that
# folder. Nothing is installed but what the list names, and only files whose hash the list has: so no dependency is
# looked up (--no-deps), and `pip check` says whether the list is whole.
python_tools() {
  local list=$1 what=$2 file
  file=$(dirname "${BASH_SOURCE[0]}")/$list.txt
  venv=$cache_dir/$list-$(cksum <"$file" | cut -d' ' -f1)
  exec 8>"$cache_dir/$list.lock"
  if have flock; then flock 8; fi # two at once would install into one folder
  if [ ! -e "$venv/ready" ]; then
    # Debian splits venv's parts off; the module itself imports without them, so look for what it runs.
    python3 -c 'import venv, ensurepip' 2>/dev/null || apt_install python3-venv
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || die "$what: Python 3.11 or newer is needed"
    say "installing $what into $venv, once"
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --require-hashes --requirement "$file" >&2
    "$venv/bin/pip" check --disable-pip-version-check >&2 || die "$file does not name all that its programs need"
    touch "$venv/ready"
  fi
  exec 8>&-
}

# Where cargo puts what it builds: target/, unless the environment or a configuration says otherwise.
target_dir() { cargo metadata --locked --no-deps --format-version 1 | json_field target_directory; }

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# wait_for PID LOG SECONDS COMMAND…: until the command succeeds. Fails, after showing the end of the log, when the process
# has ended before, or the time is over.
wait_for() {
  local pid=$1 log=$2 deadline=$((SECONDS + $3))
  shift 3
  until "$@"; do
    if ! kill -0 "$pid" 2>/dev/null || [ "$SECONDS" -ge "$deadline" ]; then
      tail -n 30 "$log" >&2
      return 1
    fi
    sleep 0.2
  done
}

# answers_http URL [curl option…]
answers_http() { curl --silent --fail --output /dev/null --noproxy '*' "$@"; }

# The engine is asked over its API, not through the docker CLI: that leaves one program fewer to install, no
# client too new for the engine, and no "docker context" that would point elsewhere than our server looks.
default_socket=/var/run/docker.sock
docker_host=${DOCKER_HOST:-unix://$default_socket}

# engine METHOD PATH [curl option…]: prints the answer's body, fails on any HTTP error; engine_raw only when unheard.
engine() { engine_raw "$@" --fail; }
engine_raw() {
  local method=$1 path=$2 base tls=()
  shift 2
  case $docker_host in
    unix://*) base=http://engine tls=(--unix-socket "${docker_host#unix://}") ;;
    tcp://*)
      base=http://${docker_host#tcp://}
      if [ -n "${DOCKER_TLS_VERIFY:-}${DOCKER_CERT_PATH:-}" ]; then
        local certs=${DOCKER_CERT_PATH:-$HOME/.docker}
        base=https://${docker_host#tcp://}
        tls=(--cacert "$certs/ca.pem" --cert "$certs/cert.pem" --key "$certs/key.pem")
      fi ;;
    *) die "DOCKER_HOST is $docker_host: only unix:// and tcp:// are understood here" ;;
  esac
  curl --silent --show-error --noproxy '*' --request "$method" "${tls[@]}" "$@" "$base$path"
}

engine_answers() { [ "$(engine GET /_ping --max-time 5 2>/dev/null)" = OK ]; }

# json_field NAME: the first string of that name (a pattern) on stdin. Enough for the engine's flat answers.
json_field() {
  { grep -oE "\"($1)\": *\"([^\"\\\\]|\\\\.)*\"" || true; } | sed -n '1{s/^"[^"]*": *"//;s/"$//;s/\\"/"/g;p;}'
}

urlencode() {
  local text=$1 char i
  for ((i = 0; i < ${#text}; i++)); do
    char=${text:i:1}
    case $char in [a-zA-Z0-9._/-]) printf %s "$char" ;; *) printf '%%%02X' "'$char" ;; esac
  done
}

# The images of the languages that are served; SCE_LANGUAGES and SCE_LANGUAGES_DIR choose.
images_of_languages() { "$(dirname "${BASH_SOURCE[0]}")/../languages.sh" images; }

inspect() { engine GET "/images/$1/json" --max-time 30 2>/dev/null; }

# pull IMAGE: fails with the reason in `why`. Bounded twice: in all, and in silence, since a registry that drops packets
# would otherwise hold us for minutes.
# The engine answers 200 before it pulls: a failure shows only in the stream, so no --fail and a look afterwards.
pull() {
  local progress name=$1 tag=latest
  case ${1##*/} in
    *@*) name=${1%@*} tag=${1#*@} ;;
    *:*) name=${1%:*} tag=${1##*:} ;;
  esac
  progress=$(engine_raw POST "/images/create?fromImage=$(urlencode "$name")&tag=$(urlencode "$tag")" \
    --max-time "${SCE_PULL_TIMEOUT:-600}" --speed-limit 1 --speed-time 30 2>&1) || { why=$progress; return 1; }
  why=$(json_field 'error|message' <<<"$progress")
  [ -z "$why" ] && inspect "$1" >/dev/null
}
