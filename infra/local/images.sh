#!/usr/bin/env bash
# Makes sure that the engine has the image of every language that is served (SCE_LANGUAGES, SCE_LANGUAGES_DIR).
#   images.sh            pull what is missing, or make it where images/ has its recipe
#   images.sh --refresh  try the registry again for stand-ins, and for newer builds of real images; make the rest anew
#   images.sh --sizes    what the images of all recipes take of the disk
#   images.sh --dockerfile NAME   the recipe of that name as a Dockerfile
# An image that is in a registry comes from there. Where the registry is out of reach a stand-in is made, of Debian
# bookworm's own interpreter, of the same release line: Python 3.11, Node.js 18. It carries the label sce.stand-in=true, so
# that nobody takes it for the official image. For an image that a manifest names with a digest nothing can stand in. An
# image called localhost/… is in no registry: it is made from its recipe.
set -euo pipefail
# shellcheck source=infra/local/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=infra/local/recipe.sh
. "$(dirname "$0")/recipe.sh"

refresh=''
case ${1:-} in
  '') ;;
  --refresh) refresh=yes ;;
  --sizes) ;;
  --dockerfile) read_recipe "${2:?of which recipe?}"; dockerfile; exit ;;
  *) die 'usage: images.sh [--refresh | --sizes | --dockerfile NAME]' ;;
esac

# tag IMAGE NAME:TAG
tag() { engine POST "/images/$1/tag?repo=$(urlencode "${2%:*}")&tag=$(urlencode "${2##*:}")" --output /dev/null; }

is_stand_in() { inspect "$1" | grep -q '"sce.stand-in": *"true"'; }

ensure() {
  local image=$1 why='' recipe
  if inspect "$image" >/dev/null && [ -z "$refresh" ]; then
    if is_stand_in "$image"; then say "$image: present, a stand-in from Debian"; else say "$image: present"; fi
    return
  fi
  recipe=$(recipe_for "$image") || recipe=''
  case $image in localhost/*)
    [ -n "$recipe" ] || die "$image: images/ has no recipe for it"
    cook "$recipe"
    say "$image: built, $(size_of "$image")"
    return ;;
  esac
  say "$image: pulling (some 50 MB; a registry that does not answer is given up after half a minute)"
  if pull "$image"; then
    # By its digest it comes without a name; people, and copies by `docker save`, know it by one.
    case $image in *:*@*) tag "$image" "${image%@*}" ;; esac
    say "$image: pulled"
    return
  fi
  say "$image: could not be pulled: ${why:-no answer in time}"
  if inspect "$image" >/dev/null; then say "$image: keeping the one that is here"; return; fi
  [ -n "$recipe" ] || die "$image: no stand-in is known; docker load it, or reach its registry"
  cook "$recipe"
  say "$image: built a STAND-IN from Debian $suite (${packages%%,*}); images.sh --refresh tries the registry again"
}

# Every recipe's image that is here. What images share counts in each, and is on the disk once.
sizes() {
  local file size
  for file in "$base_name:bookworm" "$recipes"/*/recipe; do
    case $file in
      *:*) recipe_image=$file ;;
      *) read_recipe "$(basename "$(dirname "$file")")" ;;
    esac
    if size=$(size_of "$recipe_image") && [ -n "$size" ]; then printf '%-32s %s\n' "$recipe_image" "$size"; fi
  done
}

engine_answers || die "no engine answers at $docker_host: run engine.sh up first"
if [ "${1:-}" = --sizes ]; then sizes; exit; fi
exec 9>"$state_dir/images.lock"
if have flock; then flock 9; fi
work=$(mktemp -d)
trap 'as_root rm -rf "$work"' EXIT
# Read first: a loop reading the file would hand it to its commands as their input.
images=$(images_of_languages)
[ -n "$images" ] || die "no image is named by the languages' manifests"
for image in $images; do ensure "$image"; done
