#!/usr/bin/env bash
# The product on the machine that people have: a Debian 13 with systemd, cgroup v2, AppArmor and Debian's Docker Engine, in a
# virtual machine without a network. Boots it a few times and says a line for each check; fails if one did not hold.
#   vm.sh                    all boots, with the handler that is built from this tree
#   vm.sh BOOT…              some of them: see `boots` below
#   SCE_VM_HANDLER=PATH      another handler instead
# Needs root, 4 GB of memory, 5 GB below /var/tmp and 2 GB in target/. Minutes with KVM, else some twenty: QEMU then
# emulates the processor. The Docker engine of this machine is left alone: it only hands out its images. Logs: test-output/vm.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=infra/local/lib.sh
. infra/local/lib.sh

# A boot: its name, its kernel arguments, and the scenarios of infra/local/vm that it runs, in this order. All boots have one
# disk, as a machine has; the last one makes a Docker host of it.
boots='
installed     -                                       as_installed engines limits ends podman
no-apparmor   apparmor=0                              no_apparmor
no-landlock   lsm=lockdown,capability,yama,apparmor   no_landlock
host          -                                       host
'
wanted=${*:-$(awk 'NF { print $1 }' <<<"$boots")}
for name in $wanted; do grep -q "^$name " <<<"$boots" || die "there is no boot $name"; done

began=$SECONDS
[ "$(id -u)" = 0 ] || die 'this must run as root: it makes the root of a machine'
[ "$(uname -m)" = x86_64 ] || die 'the machine is an x86-64 one, and so must this one be'
have mmdebstrap || apt_install mmdebstrap debian-archive-keyring
have qemu-system-x86_64 || apt_install qemu-system-x86
engine_answers || die "no engine answers at $docker_host: run engine.sh up first"

mkdir -p "$(target_dir)/vm" test-output/vm
exec 9>"$(target_dir)/vm/lock"
flock -n 9 || die 'another vm.sh is at work in this tree'
handler=${SCE_VM_HANDLER:-}
if [ -z "$handler" ]; then
  cargo build --quiet --locked --bin safe-code-executor
  handler=$(target_dir)/debug/safe-code-executor
fi

run=$(mktemp -d /var/tmp/sce-vm.XXXXXX)
qemu=''
clean_up() {
  trap '' INT TERM
  [ -z "$qemu" ] || { kill -KILL "$qemu" 2>/dev/null && wait "$qemu" 2>/dev/null; } || true
  cp -r "$run/x/logs" "$run"/*.console test-output/vm/ 2>/dev/null || true
  rm -rf --one-file-system "$run"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
rm -rf test-output/vm/*

# The disk, made once for a recipe and the images of this machine's engine; remove target/vm for one with today's packages.
names=$(images_of_languages | sed 's/@.*//')
image=$(target_dir)/vm/$({ cat infra/local/vm/image.sh; for name in $names; do inspect "$name" | json_field Id; done; } | cksum | cut -d' ' -f1)
if [ ! -e "$image/ready" ]; then
  say 'making a Debian 13 with Docker, the images and Podman, once (some three minutes)'
  rm -rf "$(target_dir)"/vm/*/
  save() { engine GET "/images/get?$(sed 's/^/names=/' | paste -sd '&')" --output "$1" --max-time 120; }
  save "$run/images.tar" <<<"$names"
  grep python: <<<"$names" | save "$run/python.tar"
  TMPDIR=/var/tmp infra/local/vm/image.sh "$image" "$run/images.tar" "$run/python.tar"
  rm "$run"/*.tar
  touch "$image/ready"
  say "made in $((SECONDS - began)) s: $(du -sh "$image" | cut -f1)"
fi
mkdir -p "$run/x/logs" "$run/x/sce"
cp --sparse=always --reflink=auto "$image/root.img" "$run/disk"
strip --strip-debug -o "$run/x/handler" "$handler" # what it carries for debuggers is most of it
cp infra/local/vm/boot "$run/x/boot"
cp -r README.md infra languages images tests "$run/x/sce/"

# The processor of this machine, where its kernel lends it to machines like this one, and that is found out within seconds; else QEMU's own. Some
# kernels have a /dev/kvm that runs kernels made for it alone, and others at the pace of an interpreter.
machine=(-machine q35 -cpu 'max,arch-capabilities=off' -smp 2 -m 4096 -nodefaults -no-user-config -display none -no-reboot -nic none)
kvm_works() {
  [ -w /dev/kvm ] || return 1
  qemu-system-x86_64 "${machine[@]}" -accel kvm -kernel "$image/vmlinuz" -append 'console=ttyS0 panic=-1' \
    -serial "file:$run/trial" </dev/null >/dev/null 2>&1 &
  qemu=$!
  local try
  for try in {1..50}; do
    if grep -qs 'Linux version' "$run/trial" || ! kill -0 "$qemu" 2>/dev/null; then break; fi
    sleep 0.2
  done
  kill -KILL "$qemu" 2>/dev/null || true
  wait "$qemu" 2>/dev/null || true
  qemu=''
  grep -qs 'Linux version' "$run/trial" || { say "/dev/kvm is there and does not run this kernel"; return 1; }
}
if kvm_works; then
  machine+=(-accel kvm) limit=900
else
  say 'without KVM: QEMU emulates the processor, which takes some twenty minutes; crowds of programs are smaller'
  machine+=(-accel 'tcg,thread=multi,tb-size=1024') limit=2400
fi

# boot NAME ARGUMENTS SCENARIO…: one run of the machine, to its end.
boot() {
  local name=$1 arguments=$2 started try
  shift 2
  [ "$arguments" != - ] || arguments=''
  for try in 1 2 3; do
    rm -f "$run/x/over" "$run/x/said"
    printf '%s\n' "$@" >"$run/x/scenarios"
    : >"$run/x/said"
    started=$SECONDS
    qemu-system-x86_64 "${machine[@]}" -kernel "$image/vmlinuz" -initrd "$image/initrd.img" \
      -append "root=/dev/vda rw console=ttyS0 quiet mitigations=off log_buf_len=32M $arguments" \
      -drive "file=$run/disk,format=raw,if=virtio,cache=unsafe" -device virtio-rng-pci \
      -virtfs "local,path=$run/x,mount_tag=x,security_model=none" -serial "file:$run/$name.console" </dev/null \
      >"$run/$name.qemu" 2>&1 &
    qemu=$!
    say "boot: $name ${arguments:+($arguments)}"
    # What is said is shown while it is said, until the machine has turned itself off.
    tail --quiet --lines=+1 --follow --pid="$qemu" "$run/x/said" &
    while kill -0 "$qemu" 2>/dev/null && [ $((SECONDS - started)) -lt "$limit" ]; do sleep 0.3; done
    kill -KILL "$qemu" 2>/dev/null && echo "FAIL $name: not over after $limit s" >>"$run/x/said"
    wait "$qemu" 2>/dev/null || true
    qemu=''
    wait
    cat "$run/x/said" >>"$run/all"
    [ -e "$run/x/over" ] && return
    # QEMU has been seen to crash in its first second.
    [ ! -s "$run/x/said" ] || break
    say "$name: the machine did not come up (try $try): $(tail -n 2 "$run/$name.qemu" "$run/$name.console" 2>&1)"
  done
  echo "FAIL $name: the machine ended before its scenarios did" | tee -a "$run/all"
}

while read -r name arguments scenarios; do
  # shellcheck disable=SC2086 # a list of words
  if grep -qw -- "$name" <<<"$wanted"; then boot "$name" "$arguments" $scenarios; fi
done < <(awk 'NF' <<<"$boots")

failed=$(grep -c '^FAIL' "$run/all" || true)
say "$(grep -c '^ok' "$run/all" || true) checks held, $failed did not; $((SECONDS - began)) s in all. Logs: test-output/vm"
[ "$failed" = 0 ] && grep -q '^ok' "$run/all"
