# shellcheck shell=bash disable=SC2154 # `work` is a folder of images.sh, gone with it
# Images as recipes: images/NAME/recipe says what is in an image, and here it is cooked, in one of two ways. Sourced by
# images.sh, after lib.sh; see docs/LANGUAGES.md for the words of a recipe.
#   build_with_docker      a generated Dockerfile, on Debian's own image: where a registry is reached
#   build_with_mmdebstrap  Debian's packages, unpacked on this machine: where none is
# In both ways all images of a suite share one base: its layer is on the disk once.

recipes=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../images" && pwd)
# The image that all images cooked without a registry are built on, a tag for each suite.
base_name=localhost/sce-base
# Like a "-slim" image: no manuals. Nothing is flushed to the disk on the way: who is interrupted begins anew.
slim=(--dpkgopt=force-unsafe-io --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*'
  --dpkgopt='path-exclude=/usr/share/info/*' --dpkgopt='path-exclude=/usr/share/locale/*')
# Unlike it, no setuid program: none is of use without root.
# shellcheck disable=SC2016 # "$1" is for mmdebstrap's shell: the root being built
tidy=(--customize-hook='rm -rf "$1"/var/log/* "$1"/var/cache/* "$1"/etc/resolv.conf "$1"/etc/hostname'
  --customize-hook='find "$1" -xdev -type f -perm /6000 -exec chmod a-s {} +')

# recipe_for IMAGE: the name of the recipe that makes this image, or that stands in for it.
recipe_for() {
  local file
  for file in "$recipes"/*/recipe; do
    if awk -v image="$1" '($1 == "image" || $1 == "stands-in-for") && $2 == image { found = 1 } END { exit !found }' "$file"
    then basename "$(dirname "$file")"; return; fi
  done
  return 1
}

# read_recipe NAME: sets recipe_image, stands_in, suite, packages (with commas between), command, and runs (a list).
read_recipe() {
  local word rest file=$recipes/$1/recipe
  recipe_image='' stands_in='' suite='' packages='' command='' runs=()
  while read -r word rest; do
    case $word in
      '' | \#*) ;;
      image) recipe_image=$rest ;;
      stands-in-for) recipe_image=$rest stands_in=yes ;;
      suite) suite=$rest ;;
      packages) packages=${rest// /,} ;;
      command) command=$rest ;;
      run) runs+=("$rest") ;;
      *) die "$file: \`$word\` is no word of a recipe" ;;
    esac
  done <"$file"
  for rest in "$recipe_image" "$suite" "$packages" "$command"; do
    [ -n "$rest" ] || die "$file: a recipe has image or stands-in-for, suite, packages and command"
  done
}

# What both ways say of the image beside its files, as lines of a Dockerfile.
settings() {
  echo 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8'
  echo "CMD [\"$command\"]"
  if [ -n "$stands_in" ]; then
    echo "LABEL sce.stand-in=true org.opencontainers.image.title=\"stand-in for $recipe_image: Debian $suite with $packages\""
  else
    echo "LABEL org.opencontainers.image.title=\"$recipe_image: Debian $suite with $packages\""
  fi
}

# The recipe that was read, as a Dockerfile.
dockerfile() {
  local run
  echo "FROM debian:$suite-slim"
  # Java's packages link their manuals, which are left out, in a folder that must be there.
  printf 'RUN mkdir -p /usr/share/man/man1 && apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends %s' "${packages//,/ }"
  for run in "${runs[@]}"; do printf ' \\\n && %s' "$run"; done
  printf ' \\\n && find / -xdev -type f -perm /6000 -exec chmod a-s {} + \\\n && rm -rf /var/lib/apt/lists/* /var/log/* /var/cache/*\n'
  settings
}

# engine_builds FOLDER: builds the Dockerfile there as $recipe_image. The engine answers 200 before it builds: a failure
# shows only in the stream.
engine_builds() {
  local said why
  said=$(tar -C "$1" -c . | engine POST "/build?t=$(urlencode "$recipe_image")&q=1&forcerm=1" --upload-file - --max-time 1200 \
    --header 'content-type: application/x-tar') || return 1
  why=$(json_field 'error' <<<"$said")
  [ -z "$why" ] || { say "$recipe_image: the engine says: $why"; return 1; }
}

# Fails where Debian's own image is not here and cannot be pulled, or a container of the build reaches no packages.
build_with_docker() {
  local why='' base=debian:$suite-slim
  if ! inspect "$base" >/dev/null; then
    [ -z "${no_registry:-}" ] || return 1
    say "$base: pulling (30 MB; a registry that does not answer is given up after half a minute)"
    pull "$base" || { no_registry=yes; say "$base: could not be pulled: ${why:-no answer in time}"; return 1; }
  fi
  mkdir -p "$work/docker"
  dockerfile >"$work/docker/Dockerfile"
  engine_builds "$work/docker"
}

# mmdebstrap_makes OUTPUT OPTION…: of Debian's $suite. The lists of packages are fetched once for all images.
mmdebstrap_makes() {
  local output=$1 arch lists=$work/lists-$suite list_hooks
  shift
  if ! have mmdebstrap || [ ! -e /usr/share/keyrings/debian-archive-keyring.gpg ]; then
    apt_install mmdebstrap debian-archive-keyring
  fi
  arch=$(engine GET /version | json_field Arch)
  if [ -e "$lists" ]; then
    list_hooks=(--skip=update --setup-hook="mkdir -p \"\$1\"/var/lib/apt/lists && cp -a '$lists/.' \"\$1\"/var/lib/apt/lists/")
  else
    list_hooks=(--customize-hook="cp -a \"\$1\"/var/lib/apt/lists '$lists'")
  fi
  as_root mmdebstrap --quiet --mode=root --architectures="$arch" "${slim[@]}" "$@" "${list_hooks[@]}" "${tidy[@]}" \
    "$suite" - >"$output"
}

# Puts the files of the suite's base into $work/base-SUITE.tar: of the image that is here, else of a new one.
base() {
  local tar=$work/base-$suite.tar image=$base_name:$suite container
  [ ! -e "$tar" ] || return 0
  if ! inspect "$image" >/dev/null; then
    say "$image: unpacking what all images share, from Debian's packages (half a minute, 40 MB)"
    mmdebstrap_makes "$tar.new" --variant=essential || return 1
    engine POST "/images/create?fromSrc=-&repo=$base_name&tag=$suite" --upload-file "$tar.new" --max-time 300 --output /dev/null
    rm "$tar.new"
  fi
  # As the engine has it: what is told apart below must be what is there.
  container=$(engine POST /containers/create --header 'content-type: application/json' \
    --data "{\"Image\": \"$image\", \"Cmd\": [\"none\"]}" | json_field Id)
  engine GET "/containers/$container/export" --max-time 300 --output "$tar" || return 1
  engine DELETE "/containers/$container" --output /dev/null
}

build_with_mmdebstrap() {
  local run hooks=() folder=$work/layer
  say "$recipe_image: building from Debian $suite's packages (half a minute, 40 MB)"
  base || return 1
  # shellcheck disable=SC2016 # "$1" is for mmdebstrap's shell
  for run in "${runs[@]}"; do hooks+=(--customize-hook="chroot \"\$1\" $run"); done
  # The base's own devices, and files that the engine puts there, are no packages'.
  # shellcheck disable=SC2016 # as above
  mmdebstrap_makes "$work/full.tar" --variant=custom --include="$packages" "${hooks[@]}" \
    --setup-hook='mkdir -p "$1"/usr/share/man/man1' \
    --setup-hook="mmtarfilter '--path-exclude=/dev/*' '--path-exclude=/.dockerenv' <'$work/base-$suite.tar' | tar -C \"\$1\" -x" ||
    return 1
  rm -rf "$folder"
  mkdir "$folder"
  "$(dirname "${BASH_SOURCE[0]}")/layer.py" "$work/base-$suite.tar" "$work/full.tar" >"$folder/layer.tar" || return 1
  { echo "FROM $base_name:$suite"; echo 'ADD layer.tar /'; settings; } >"$folder/Dockerfile"
  engine_builds "$folder"
}

# size_of IMAGE: what it takes of the disk, in MB, with what it shares.
size_of() { inspect "$1" | grep -oE '"Size": *[0-9]+' | awk -F: 'NR == 1 { printf "%d MB", $2 / 1000000 }'; }

# cook NAME: makes the image of this recipe, in the way that can be gone here.
cook() {
  read_recipe "$1"
  build_with_docker || build_with_mmdebstrap || die "$recipe_image: could not be built"
  inspect "$recipe_image" >/dev/null || die "the engine did not take $recipe_image"
}
