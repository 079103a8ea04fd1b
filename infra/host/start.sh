#!/usr/bin/env bash
# A Docker host, from Debian 13 to an engine that the function may use. Runs as root.
#   start.sh install   once, where there is a way to the Internet: packages, images, settings. Then an image is made of it
#   start.sh boot      at each start (installed as sce-host): the certificate, the engine, a look at both
#   start.sh slots     how many programs this machine should run at once, and why
# SCE_IMAGES (install): the sandboxes' images as the languages' manifests name them (infra/languages.sh images), each with its digest:
#   python:3.11-slim@sha256:… . What has none is taken by its tag, and whoever can move the tag decides what it is.
# SCE_GVISOR=true (install): also gVisor, as the runtime `runsc`.
# SCE_SERVER_SECRET, AWS_DEFAULT_REGION (boot): the secret with the host's certificate.
set -euo pipefail

tls=/run/sce/tls # memory: the key is never on the disk, nor in an image made of it
sysctls=${SCE_SYSCTLS:-/etc/sysctl.d/60-sce.conf}
say() { printf 'sce-host: %s\n' "$*" >&2; }
die() { say "FAILED: $*"; exit 1; }
systemd_runs() { [ -d /run/systemd/system ]; }

# What sandboxes need of the kernel, as preflight would find out one by one.
look_at_kernel() {
  local fault=0
  need() { "${@:2}" || { say "missing: $1"; fault=1; }; }
  need 'Landlock among the LSMs (kernel command line: lsm=landlock,…)' grep -qsw landlock /sys/kernel/security/lsm
  need 'cgroup v2' test -e /sys/fs/cgroup/cgroup.controllers
  need 'the memory controller' grep -qsw memory /sys/fs/cgroup/cgroup.controllers
  need 'the pids controller' grep -qsw pids /sys/fs/cgroup/cgroup.controllers
  need 'no swap' test "$(tail -n +2 /proc/swaps | wc -l)" = 0
  return $fault
}

packages() {
  local list=(docker.io docker-cli ca-certificates python3 awscli curl openssl procps apparmor)
  [ "${SCE_GVISOR:-false}" != true ] || list+=(runsc)
  say "installing: ${list[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -qq -y --no-install-recommends "${list[@]}" >/dev/null
  apt-get clean
}

# Before the settings below, with which the engine has no bridge and wants a certificate.
images() {
  local image
  if [ -z "${SCE_IMAGES:-}" ]; then
    say 'SCE_IMAGES is empty: no images are pulled. Without them the host is refused'
    return
  fi
  ! systemd_runs || systemctl start docker
  for image in $SCE_IMAGES; do
    docker pull --quiet "$image" || die "$image cannot be pulled"
    case $image in
      # What is pulled by its digest has no tag, and the table may name it by one.
      *:*@sha256:*) docker tag "$image" "${image%@*}" ;;
      *@sha256:*) ;;
      *) say "WARNING: $image comes by its tag alone; the digest below makes sure that the next host gets the same" ;;
    esac
    docker image inspect --format '{{.RepoTags}} {{.RepoDigests}} {{.Architecture}}' "$image"
  done
}

settings() {
  local here
  here=$(cd "$(dirname "$0")" && pwd)
  install -D -m 0644 "$here/daemon.json" /etc/docker/daemon.json
  if [ "${SCE_GVISOR:-false}" = true ]; then
    python3 - /etc/docker/daemon.json <<'PYTHON'
import json, sys
settings = json.load(open(sys.argv[1]))
settings["runtimes"] = {"runsc": {"path": "/usr/bin/runsc", "runtimeArgs": ["--network=none", "--oci-seccomp"]}}
json.dump(settings, open(sys.argv[1], "w"), indent=2)
PYTHON
  fi
  # Debian's unit names a socket, and daemon.json may not name one too. Started by `boot`, when there is a certificate.
  install -d /etc/systemd/system/docker.service.d
  cat >/etc/systemd/system/docker.service.d/sce.conf <<'UNIT'
[Service]
ExecStart=
ExecStart=/usr/sbin/dockerd --containerd=/run/containerd/containerd.sock
# Before any sandbox in the OOM killer's order.
OOMScoreAdjust=-500
UNIT
  # All sandboxes together: what they cannot take is the engine's and the kernel's.
  cat >/etc/systemd/system/sce.slice <<'UNIT'
[Slice]
MemoryMax=80%
MemorySwapMax=0
TasksMax=8192
CPUWeight=50
UNIT
  install -d "${sysctls%/*}"
  # core_pattern: where it is a pipe, each program that crashes has the kernel start one as root, outside every sandbox,
  # with what it had in memory; a limit on core files does not prevent that (core(5)). bpf_jit_harden: the constants of a
  # program's socket filters are machine code of the kernel, unless they are blinded.
  cat >"$sysctls" <<'SYSCTL'
kernel.core_pattern=core
net.core.bpf_jit_harden=2
kernel.dmesg_restrict=1
kernel.kptr_restrict=2
kernel.unprivileged_bpf_disabled=1
kernel.yama.ptrace_scope=2
kernel.io_uring_disabled=2
kernel.sysrq=0
user.max_user_namespaces=0
net.ipv4.ip_forward=0
vm.overcommit_memory=0
SYSCTL
  # gVisor makes its own sandbox of user namespaces.
  if [ "${SCE_GVISOR:-false}" = true ]; then sed -i '/max_user_namespaces/d' "$sysctls"; fi
  install -m 0755 "$0" /usr/local/sbin/sce-host
  # Nobody logs in: by no network, and with no password.
  systemctl mask ssh.service ssh.socket sshd.service >/dev/null 2>&1 || true
  systemctl disable docker.service docker.socket >/dev/null 2>&1 || true
  # What would ask for names that the network refuses: each such question in its log is then worth a look. The time comes
  # from AWS's own address on every machine's link.
  systemctl mask apt-daily.timer apt-daily-upgrade.timer >/dev/null 2>&1 || true
  install -d /etc/systemd/timesyncd.conf.d
  printf '[Time]\nNTP=169.254.169.123\nFallbackNTP=\n' >/etc/systemd/timesyncd.conf.d/sce.conf
  passwd --lock root >/dev/null
}

# Another file of sysctl.d, or a package of the image, may have had the last word; and a kernel may lack a setting.
look_at_settings() {
  local fault=0 name wanted found
  while IFS='=' read -r name wanted; do
    found=$(sysctl --values "$name" 2>/dev/null) || found='not there'
    [ "$found" = "$wanted" ] || { say "$name is $found, and not $wanted"; fault=1; }
  done <"$sysctls"
  return $fault
}

fetch_certificate() {
  [ -n "${SCE_SERVER_SECRET:-}" ] || die 'SCE_SERVER_SECRET is not set'
  install -d -m 0700 /run/sce "$tls"
  local try
  for try in 1 2 3 4 5; do
    if aws secretsmanager get-secret-value --secret-id "$SCE_SERVER_SECRET" --query SecretString --output text |
      unpack_certificate; then return; fi
    say "the certificate could not be fetched (try $try)"
    sleep $((try * 2))
  done
  die 'there is no certificate'
}

# {"ca", "cert", "key"} on stdin, as files.
unpack_certificate() {
  python3 -c 'import json, os, sys
secret = json.load(sys.stdin)
for name in ("ca", "cert", "key"):
    text = secret[name]
    if "-----BEGIN" not in text: sys.exit(f"{name} is not PEM")
    with open(os.open(f"{sys.argv[1]}/{name}.pem", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)' "$tls"
}

look_at_certificate() {
  openssl verify -CAfile "$tls/ca.pem" -purpose sslserver "$tls/cert.pem" >/dev/null || die 'the certificate is not of its authority, or has expired'
  openssl x509 -in "$tls/cert.pem" -noout -checkend 2592000 >/dev/null || say 'WARNING: the certificate has less than 30 days left'
}

start_engine() {
  if systemd_runs; then
    systemctl daemon-reload
    systemctl start sce.slice
    systemctl restart docker.service
  else
    die 'no systemd: the engine is not started'
  fi
}

# Whoever has no certificate must get nothing.
look_at_engine() {
  local _
  for _ in {1..60}; do
    if curl --silent --unix-socket /run/docker.sock http://engine/_ping >/dev/null; then break; fi
    sleep 0.5
  done
  curl --silent --fail --unix-socket /run/docker.sock http://engine/_ping >/dev/null || die 'the engine does not answer'
  if curl --silent --insecure --max-time 5 https://127.0.0.1:2376/_ping >/dev/null; then
    systemctl stop docker.service || true
    die 'the engine answers without a client certificate; it is stopped'
  fi
  if curl --silent --max-time 5 http://127.0.0.1:2376/_ping 2>/dev/null | grep -q OK; then
    systemctl stop docker.service || true
    die 'the engine answers in plain text; it is stopped'
  fi
}

# CPU: most programs wait or end soon, so two for each. Memory: 128 MiB each, 32 for what is around it, and as much again
# as a quarter of that for those that wait; of the 80 % that sandboxes may have.
slots() {
  local cpus memory by_cpu by_memory
  cpus=$(nproc)
  memory=$(awk '/^MemTotal:/ {print int($2 / 1024)}' /proc/meminfo)
  by_cpu=$((cpus * 2)) by_memory=$((memory * 80 / 100 / 200))
  echo "$((by_cpu < by_memory ? by_cpu : by_memory)) slots: $cpus CPUs allow $by_cpu, $memory MiB allow $by_memory"
}

main() {
  case ${1:-} in
    install)
      packages
      images
      settings
      look_at_kernel || say 'this machine lacks that; the one that starts from its image may not'
      say "installed; this machine: $(slots)" ;;
    boot)
      look_at_kernel || die 'sandboxes cannot run here'
      fetch_certificate
      look_at_certificate
      sysctl --quiet --system
      look_at_settings || die 'the kernel is not set as sandboxes need it'
      start_engine
      look_at_engine
      say "ready; $(slots)" ;;
    slots) slots ;;
    *) die 'usage: start.sh install|boot|slots' ;;
  esac
}

# Sourced by its test, which does what needs systemd by hand.
if [ "${BASH_SOURCE[0]}" = "$0" ]; then main "$@"; fi
