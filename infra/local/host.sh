#!/usr/bin/env bash
# infra/host/start.sh in a clean Debian 13, made for this and thrown away: `install` as it is, and of `boot` all that does
# not need systemd, a cgroup v2 kernel or AWS. Says at its end what that leaves untested.
#   host.sh            the script alone
#   host.sh HANDLER    and this build of the handler (target/debug/safe-code-executor) against the engine that it starts,
#                      with the images of this machine's engine
# Needs root and some 2 GB under TMPDIR for a few minutes. The Docker engine of this machine is left alone.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=infra/local/lib.sh
. infra/local/lib.sh

[ "$(id -u)" = 0 ] || die 'this must run as root: it makes a root of its own'
have mmdebstrap || apt_install mmdebstrap debian-archive-keyring
handler=${1:-}
[ -z "$handler" ] || [ -x "$handler" ] || die "$handler is no program"
root=$(mktemp -d)
inside=''
clean_up() {
  # The first process of a process namespace takes the others with it, and the mounts go with theirs.
  [ -z "$inside" ] || { kill -KILL "$inside" 2>/dev/null && wait "$inside" 2>/dev/null; } || true
  rm -rf --one-file-system "$root"
}
trap clean_up EXIT

say "making a clean Debian 13 in $root"
mmdebstrap --quiet --mode=root --variant=minbase --include=ca-certificates trixie "$root"
infra/host/image.sh >"$root/user-data"
# In place of systemd's own, which is asked for a few things that this root has no use for.
printf '#!/bin/sh\necho "$*" >>/asked-of-systemd\n' >"$root/usr/local/bin/systemctl" && chmod +x "$root/usr/local/bin/systemctl"
cp /etc/resolv.conf "$root/etc/resolv.conf"
# Services are not to start in a place without an init.
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d" && chmod +x "$root/usr/sbin/policy-rc.d"

# shellcheck disable=SC2016 # for the inner shell
in_root() { unshare --mount --pid --fork --kill-child sh -c 'mount -t proc proc "$1/proc"; root=$1; shift; exec chroot "$root" "$@"' sh "$root" "$@"; }
say 'install, by the very user data that makes an image'
in_root sh /user-data
[ "$(tail -n 1 "$root/asked-of-systemd")" = poweroff ] || die 'it did not turn itself off'
grep -q '^mask ssh' "$root/asked-of-systemd" || die 'ssh was not masked'
cmp "$root/etc/docker/daemon.json" infra/host/daemon.json || die 'daemon.json is not the one of this tree'
say 'install once more, now with gVisor'
cp infra/host/start.sh infra/host/daemon.json "$root/root/"
in_root env SCE_GVISOR=true /root/start.sh install 2>"$root/second" || { cat "$root/second" >&2; die 'the second install failed'; }
[ -x "$root/usr/local/sbin/sce-host" ] || die 'sce-host is not installed'
for line in kernel.core_pattern=core net.core.bpf_jit_harden=2 kernel.kptr_restrict=2; do
  grep -qx "$line" "$root/etc/sysctl.d/60-sce.conf" || die "60-sce.conf has no $line"
done

say 'boot: the certificate, from a secret as certificates.sh makes it'
infra/certificates.sh ca "$root/pki" 2>/dev/null
infra/certificates.sh server "$root/pki" docker.sce.internal 127.0.0.1 2>/dev/null
infra/certificates.sh client "$root/pki" 2>/dev/null
infra/certificates.sh secret "$root/pki" server >"$root/secret.json"
# In place of AWS's own: hands out the secret to who asks for it rightly.
cat >"$root/usr/local/bin/aws" <<'AWS'
#!/bin/sh
[ "$*" = "secretsmanager get-secret-value --secret-id arn:the-secret --query SecretString --output text" ] && exec cat /secret.json
echo "unexpected: aws $*" >&2; exit 1
AWS
chmod +x "$root/usr/local/bin/aws"
# Where there is no systemd, cgroups are the engine's own; else its settings are as installed.
sed 's/native.cgroupdriver=systemd/native.cgroupdriver=cgroupfs/' "$root/etc/docker/daemon.json" >"$root/daemon-here.json"

cat >"$root/boot-test" <<'BOOT'
set -euo pipefail
. /usr/local/sbin/sce-host
SCE_SERVER_SECRET=arn:the-secret fetch_certificate
look_at_certificate
[ "$(stat -c %a /run/sce/tls/key.pem)" = 600 ] || die 'others may read the key'
look_at_kernel || say 'as expected here, boot would have ended at that'
dockerd --config-file /daemon-here.json >/dockerd.log 2>&1 &
look_at_engine || { tail -n 20 /dockerd.log >&2; exit 1; }
ask() { curl --silent --show-error --cacert /pki/ca.pem "$@" https://127.0.0.1:2376/version; }
ask --cert /pki/client/cert.pem --key /pki/client/key.pem | grep -o '"Version":"[^"]*"' | sed -n 1p >&2
if ask --cert /pki/server/cert.pem --key /pki/server/key.pem 2>/dev/null | grep -q Version; then die "a host's certificate is taken for a client's"; fi
# A container of nothing but one static program, as the sandboxes are: no network, nothing to write.
mkdir /image && cp /bin/busybox /image/
tar -C /image -c . | docker import - one >/dev/null
docker run --rm --network none --read-only --cap-drop ALL --user 20000:20000 --memory 64m --pids-limit 8 one /busybox id >&2
# gVisor's own kernel, by its word an old one.
docker run --rm --runtime runsc --network none --read-only --user 20000:20000 one /busybox uname -r >&2
docker run --rm one /busybox ip link 2>&1 | grep -q eth0 && die 'a container has a network without being given one'
docker info --format 'settings: {{.Driver}}, {{.CgroupDriver}}, live restore {{.LiveRestoreEnabled}}, {{.SecurityOptions}}' >&2 2>/dev/null
slots >&2
[ -e /handler ] || exit 0
docker load --quiet --input /images.tar >&2
DOCKER_HOST=tcp://127.0.0.1:2376 DOCKER_CERT_PATH=/pki/client SCE_DATA_DIR=/data SCE_DEPLOYMENT=host-test /handler >/handler.log 2>&1 &
for _ in {1..120}; do curl --silent --fail http://127.0.0.1:5000/health >/dev/null && break; sleep 0.5; done
failed() { tail -n 30 /handler.log >&2; die "$1"; }
curl --silent --fail http://127.0.0.1:5000/health >/dev/null || failed 'the handler does not take this host'
run() { curl --silent --show-error http://127.0.0.1:5000/run -H 'content-type: application/json' -d "$1"; }
for program in '{"code": "print(2+2)"}' '{"code": "console.log(2+2)", "language": "javascript"}'; do
  answer=$(run "$program")
  echo "$answer" | cut -c1-160 >&2
  [[ $answer == *'"output":"4\n"'*'"status":"completed"'* ]] || failed 'the handler could not run a program on this host'
done
BOOT
if [ -n "$handler" ]; then
  cp "$handler" "$root/handler"
  engine GET "/images/get?$(images_of_languages | sed 's/^/names=/' | paste -sd '&')" --output "$root/images.tar" --max-time 120
fi
in_root apt-get install -qq -y --no-install-recommends busybox-static iproute2 >/dev/null 2>&1
# A network of its own, with nothing in it but loopback: port 2376 is in nobody's way.
# shellcheck disable=SC2016 # for the inner shell
unshare --mount --pid --net --ipc --uts --fork --kill-child sh -c '
  set -e
  mount --bind "$1" "$1" # a root must be a mount for an engine to unpack images
  mount -t proc proc "$1/proc"; mount -t tmpfs tmpfs "$1/run"; mount --rbind /dev "$1/dev"; mount --rbind /sys "$1/sys"
  # Not chroot alone: the kernel gives those who are in one no user namespaces, which gVisor is made of.
  cd "$1"; mkdir -p old; pivot_root . old
  exec chroot . bash -c "umount -l /old && ip link set lo up && exec bash /boot-test"' sh "$root" &
inside=$!
wait "$inside" || die 'boot: see above'
inside=''

say 'done. NOT TESTED, since it needs what is not here:'
cat >&2 <<'LIST'
  * systemd, a kernel with cgroup v2 and Landlock, the sysctls in a kernel of its own: `make test-vm` does
  * a start at boot by user data, and whatever cloud-init does
  * pulling images; our own programs under gVisor there (here: make test-gvisor)
  * Secrets Manager, the instance's role, its user data, a real image, the Auto Scaling group: no AWS account
LIST
