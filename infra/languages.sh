#!/usr/bin/env bash
# What the folders of languages say, for scripts; the server reads the folders by itself.
#   languages.sh list      a line for each language that is served: name, version, image
#   languages.sh images    the images of these, one a line
#   languages.sh check     the syntax of every bootstrap, by the language's own interpreter
# SCE_LANGUAGES and SCE_LANGUAGES_DIR (see README.md) choose, as they do for the server.
set -euo pipefail
say() { printf 'languages.sh: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }
ours=$(cd "$(dirname "$0")/../languages" && pwd)
own=${SCE_LANGUAGES_DIR:-}

# names_in FOLDER: the languages that have a manifest there.
names_in() {
  local manifest
  for manifest in "$1"/*/language.toml; do
    [ ! -e "$manifest" ] || basename "$(dirname "$manifest")"
  done
}

# Without those before, a line each.
once() { awk 'NF && !seen[$1]++'; }

# The languages that are served, in order: a name, or name@version.
chosen() {
  case ${SCE_LANGUAGES:-} in
    '') { cat "$ours/default"; [ -z "$own" ] || names_in "$own"; } | once ;;
    all) { cat "$ours/default"; names_in "$ours"; [ -z "$own" ] || names_in "$own"; } | once | sed 's/$/@*/' ;;
    *) tr ',' '\n' <<<"$SCE_LANGUAGES" | tr -d ' ' ;;
  esac
}

folder_of() {
  if [ -n "$own" ] && [ -e "$own/$1/language.toml" ]; then echo "$own/$1"
  elif [ -e "$ours/$1/language.toml" ]; then echo "$ours/$1"
  else die "there is no language $1"
  fi
}

# versions FOLDER: a line for each version of a manifest, version and image, in the manifest's order.
versions() {
  awk -F'"' '
    /^\[/ { put() }
    /^version *=/ { version = $2 }
    /^image *=/ { image = $2 }
    END { put() }
    function put() { if (image != "") print version, image; version = image = "" }
  ' "$1/language.toml"
}

list() {
  local choice name wanted folder version image found
  chosen | while read -r choice; do
    name=${choice%%@*} wanted=first
    case $choice in *@*) wanted=${choice#*@} ;; esac
    folder=$(folder_of "$name")
    found=$(versions "$folder" | while read -r version image; do
      case $wanted:$version. in
        first:* | \*:* | "$wanted:$wanted".*) echo "$name $version $image" ;;
      esac
      [ "$wanted" != first ] || break
    done)
    [ -n "$found" ] || die "the language $name has no version $wanted"
    echo "$found"
  done
}

check() {
  local file
  python3 - "$ours"/*/bootstrap/*.py <<'PYTHON' || die 'a bootstrap is not Python'
import sys
for name in sys.argv[1:]:
    compile(open(name, "rb").read(), name, "exec")
PYTHON
  for file in "$ours"/*/bootstrap/*.js; do
    node --check "$file" || die "$file is not JavaScript"
  done
  say 'the bootstraps are Python and JavaScript'
}

case ${1:-} in
  list) list ;;
  images) list | awk '{print $3}' | once ;;
  check) check ;;
  *) die 'usage: languages.sh list|images|check' ;;
esac
