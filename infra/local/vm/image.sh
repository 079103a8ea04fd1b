#!/usr/bin/env bash
# A Debian 13 with systemd, its own kernel, Docker Engine, Podman and AppArmor, as a disk that QEMU boots.
#   image.sh DIR IMAGES PYTHON    makes DIR/root.img (ext4, 12 GiB, sparse), DIR/vmlinuz and DIR/initrd.img.
#                                 IMAGES is what the engine in it has of images (docker save), PYTHON that of Python alone
# Needs root, mmdebstrap, e2fsprogs and 4 GB; takes some three minutes. The disk has no boot loader: QEMU loads the kernel.
set -euo pipefail
dir=${1:?which folder?} images=${2:?which images?} python=${3:?which image of Python?}
mkdir -p "$dir"
packages=(
  # A machine: without `recommends`, so that each thing that is needed stands here.
  systemd systemd-sysv dbus udev libpam-systemd linux-image-amd64 initramfs-tools zstd kmod procps iproute2 passwd
  # What README names for a stranger, and what a Docker host has (infra/host/start.sh).
  docker.io docker-cli containerd runc apparmor ca-certificates curl openssl python3 iptables
  # A rootless dockerd, and the other engine that people have.
  uidmap rootlesskit slirp4netns fuse-overlayfs dbus-user-session podman crun
)
hooks=$(mktemp -d)
trap 'rm -rf --one-file-system "$hooks"' EXIT

# Before the packages: an initial file system of what this machine has, instead of drivers for every machine.
cat >"$hooks/essential" <<'HOOK'
set -eu
install -d "$1/etc/initramfs-tools/conf.d" "$1/usr/share/initramfs-tools/modules.d"
echo MODULES=list >"$1/etc/initramfs-tools/conf.d/vm"
printf '%s\n' virtio_pci virtio_blk ext4 >"$1/usr/share/initramfs-tools/modules.d/vm"
HOOK

# Images are brought to the disk here, by the disk's own dockerd: where QEMU emulates the processor, `docker load` takes ten
# minutes. To the engine as it is, to that with userns-remap, and of Python what it needs to run, for `docker import`.
cat >"$hooks/images" <<'HOOK'
set -eu
root=$1
mount --bind "$root" "$root" # a root must be a mount for an engine to unpack images
mount -t proc proc "$root/proc"; mount -t tmpfs tmpfs "$root/run"; mount --rbind /dev "$root/dev"; mount --rbind /sys "$root/sys"
cd "$root"; mkdir old; pivot_root . old
exec chroot . bash -euc '
  umount -l /old; rmdir /old; ip link set lo up
  with_engine() {
    dockerd --bridge=none --iptables=false --ip6tables=false --storage-driver=overlay2 ${1:+--userns-remap=$1} >>/log 2>&1 &
    engine=$!
    for try in {1..100}; do docker version >/dev/null 2>&1 && break; sleep 0.3; done
    "${@:2}" || { tail -n 20 /log >&2; exit 1; }
    kill "$engine"; wait "$engine" || true
  }
  slim() {
    mkdir /slim
    docker create --name slim python:3.11-slim python3 >/dev/null
    docker export slim | tar -xC /slim --exclude=usr/share --exclude=var --exclude="*/perl*" --exclude=__pycache__ --exclude="*/test" \
      --exclude=dev --exclude=proc --exclude="*/gconv" --exclude="*/ensurepip" --exclude="*/site-packages" --exclude="*/dist-packages"
    docker rm slim >/dev/null
    tar -C /slim -cf /root/slim.tar .
    rm -r /slim
  }
  both() { docker load --quiet --input /images >&2; slim; }
  with_engine "" both
  with_engine default docker load --quiet --input /python >&2
  rm -rf /var/lib/docker/network /var/lib/docker/*/network /images /python /log'
HOOK

# After the packages: one service, which runs what the host has put into the shared folder and turns the machine off.
cat >"$hooks/customize" <<'HOOK'
set -eu
root=$1
install -d "$root/x"
printf '%s\n' '/dev/vda / ext4 defaults,noatime 0 1' \
  'x /x 9p trans=virtio,version=9p2000.L,msize=1048576,cache=none 0 0' >"$root/etc/fstab"
echo sce-vm >"$root/etc/hostname"
echo '127.0.0.1 localhost sce-vm' >"$root/etc/hosts"
cat >"$root/etc/systemd/system/scenarios.service" <<'UNIT'
[Unit]
Description=What the host of this machine wants to be run
RequiresMountsFor=/x
After=docker.service multi-user.target
[Service]
Type=oneshot
WorkingDirectory=/root
Environment=HOME=/root
ExecStart=/x/boot
ExecStopPost=/usr/bin/systemctl poweroff
StandardOutput=null
StandardError=journal+console
UNIT
install -d "$root/etc/systemd/system/default.target.wants"
ln -s ../scenarios.service "$root/etc/systemd/system/default.target.wants/scenarios.service"
for unit in podman.socket podman.service podman-auto-update.timer podman-restart.service apt-daily.timer \
  apt-daily-upgrade.timer man-db.timer fstrim.timer e2scrub_all.timer; do
  ln -sf /dev/null "$root/etc/systemd/system/$unit"
done
# All of its hundred profiles but those of containers: a processor that QEMU emulates compiles them for half a minute.
find "$root/etc/apparmor.d" -maxdepth 1 -type f ! -name '*crun*' ! -name '*runc*' ! -name '*podman*' ! -name '*rootless*' ! -name '*slirp*' -delete
chroot "$root" useradd --create-home --shell /bin/bash user # with its range of subordinate ids, for rootless dockerd
grep -q '^user:' "$root/etc/subuid"
HOOK

mmdebstrap --quiet --mode=root --variant=important --include="$(IFS=,; echo "${packages[*]}")" \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
  --essential-hook="sh $hooks/essential \"\$1\"" --customize-hook="sh $hooks/customize \"\$1\"" \
  trixie "$hooks/tree"
cp "$images" "$hooks/tree/images"
cp "$python" "$hooks/tree/python"
unshare --mount --pid --net --ipc --uts --fork --kill-child sh "$hooks/images" "$hooks/tree"
cp "$hooks"/tree/boot/vmlinuz-* "$dir/vmlinuz"
cp "$hooks"/tree/boot/initrd.img-* "$dir/initrd.img"
rm -f "$dir/root.img"
truncate -s 12G "$dir/root.img"
# Without a journal: nothing of this disk outlives the machine, and a machine that was not turned off is thrown away.
mke2fs -q -t ext4 -E lazy_itable_init=1 -O ^has_journal -d "$hooks/tree" "$dir/root.img"
