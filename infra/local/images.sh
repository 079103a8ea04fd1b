#!/usr/bin/env bash
# Makes sure that the engine has the image of every language in languages.toml (or SCE_LANGUAGES_FILE).
#   images.sh            pull what is missing; where the registry is out of reach, build a stand-in
#   images.sh --refresh  try the registry again for stand-ins, and for newer builds of real images
# A stand-in holds Debian bookworm's own interpreter, of the same release line: Python 3.11, Node.js 18. It carries the
# label sce.stand-in=true, so that nobody takes it for the official image. For an image that the table names with a digest
# nothing can stand in.
set -euo pipefail
# shellcheck source=infra/local/lib.sh
. "$(dirname "$0")/lib.sh"

refresh=${1:-}
[ -z "$refresh" ] || [ "$refresh" = --refresh ] || die "usage: images.sh [--refresh]"

# What a stand-in is made of: Debian packages, the interpreter, and one more name that programs call it by.
stand_in_for() {
  case $1 in
    python:3.11-slim) echo python3,netbase,tzdata python3 python ;;
    node:18-slim) echo nodejs node nodejs ;;
    *) return 1 ;;
  esac
}

# tag IMAGE NAME:TAG
tag() { engine POST "/images/$1/tag?repo=$(urlencode "${2%:*}")&tag=$(urlencode "${2##*:}")" --output /dev/null; }

is_stand_in() { inspect "$1" | grep -q '"sce.stand-in": *"true"'; }

# build_stand_in IMAGE PACKAGES INTERPRETER ALIAS
build_stand_in() {
  local image=$1 packages=$2 interpreter=$3 alias=$4 root_tar arch change changes=
  if ! have mmdebstrap || [ ! -e /usr/share/keyrings/debian-archive-keyring.gpg ]; then
    apt_install mmdebstrap debian-archive-keyring
  fi
  say "$image: building a stand-in from Debian bookworm's packages (half a minute, 40 MB)"
  arch=$(engine GET /version | json_field Arch)
  root_tar=$work/root.tar
  # Like a "-slim" image: no manuals. Unlike it, no setuid program either: none is of use without root.
  # shellcheck disable=SC2016 # $1 is for mmdebstrap's shell: the root being built
  as_root mmdebstrap --quiet --mode=root --variant=essential --architectures="$arch" --include="$packages" \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/info/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --customize-hook='rm -rf "$1"/var/log/* "$1"/var/cache/* "$1"/etc/resolv.conf "$1"/etc/hostname' \
    --customize-hook='find "$1" -xdev -type f -perm /6000 -exec chmod a-s {} +' \
    --customize-hook="chroot \"\$1\" ln -sf $interpreter /usr/bin/$alias" \
    bookworm - >"$root_tar" || die "mmdebstrap could not build a stand-in for $image"
  for change in 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' 'ENV LANG=C.UTF-8' \
    "CMD [\"$interpreter\"]" 'LABEL sce.stand-in=true' \
    "LABEL org.opencontainers.image.title=\"stand-in for $image: Debian bookworm with $packages\""; do
    changes+="&changes=$(urlencode "$change")"
  done
  engine POST "/images/create?fromSrc=-&repo=${image%:*}&tag=${image#*:}$changes" \
    --upload-file "$root_tar" --max-time 300 --output /dev/null
  inspect "$image" >/dev/null || die "the engine did not take the stand-in for $image"
  say "$image: built a STAND-IN from Debian bookworm (${packages%%,*}); images.sh --refresh tries the registry again"
}

ensure() {
  local image=$1 why='' recipe
  if inspect "$image" >/dev/null && [ -z "$refresh" ]; then
    if is_stand_in "$image"; then say "$image: present, a stand-in from Debian"; else say "$image: present"; fi
    return
  fi
  say "$image: pulling (some 50 MB; a registry that does not answer is given up after half a minute)"
  if pull "$image"; then
    # By its digest it comes without a name; people, and copies by `docker save`, know it by one.
    case $image in *:*@*) tag "$image" "${image%@*}" ;; esac
    say "$image: pulled"
    return
  fi
  say "$image: could not be pulled: ${why:-no answer in time}"
  if inspect "$image" >/dev/null; then say "$image: keeping the one that is here"; return; fi
  recipe=$(stand_in_for "$image") || die "$image: no stand-in is known; docker load it, or reach its registry"
  # shellcheck disable=SC2086 # one word each
  build_stand_in "$image" $recipe
}

engine_answers || die "no engine answers at $docker_host: run engine.sh up first"
exec 9>"$state_dir/images.lock"
if have flock; then flock 9; fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Read first: a loop reading the file would hand it to its commands as their input.
images=$(images_of_languages)
[ -n "$images" ] || die "no image is named in the table of languages"
for image in $images; do ensure "$image"; done
