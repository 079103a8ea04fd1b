#!/bin/sh
# Prints user data that makes a Docker host of a fresh Debian 13 and turns it off, so that an image can be made of it.
# What it prints carries start.sh and daemon.json within itself. SCE_IMAGES and SCE_GVISOR go along, see start.sh.
#   SCE_IMAGES=$(infra/languages.sh images | xargs) infra/host/image.sh >user-data
set -eu
cd "$(dirname "$0")"
cat <<SCRIPT
#!/bin/sh
set -eu
mkdir -p /root/sce-host
base64 -d <<'ARCHIVE' | tar -xz -C /root/sce-host
$(tar -cz --owner=0 --group=0 start.sh daemon.json | base64)
ARCHIVE
# Left running when it fails: the console then says why.
SCE_IMAGES='${SCE_IMAGES:-}' SCE_GVISOR='${SCE_GVISOR:-false}' bash /root/sce-host/start.sh install
rm -rf /root/sce-host
systemctl poweroff
SCRIPT
