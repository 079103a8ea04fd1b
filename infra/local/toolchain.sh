#!/usr/bin/env bash
# What a build needs, installed where it is missing. Says nothing when nothing is.
#   toolchain.sh         a C compiler, make, curl, and Rust new enough
#   toolchain.sh checks  also what `make test` needs beyond a build
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=infra/local/lib.sh
. infra/local/lib.sh

rustc_version() { rustc --version 2>/dev/null | cut -d' ' -f2 | cut -d- -f1; }
at_least() { [ "$(printf '%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

base() {
  local packages=()
  # gcc alone comes without the C headers when recommendations are left out.
  have cc || packages+=(gcc libc6-dev)
  have make || packages+=(make)
  have curl || packages+=(curl ca-certificates)
  [ ${#packages[@]} = 0 ] || apt_install "${packages[@]}"
}

# rustup by its hash; of the compiler rustup itself checks the hashes, which the release's list has.
rustup_version=1.28.2
rustup_hash() {
  case $1 in
    x86_64) echo 20a06e644b0d9bd2fbdbfd52d42540bdde820ea7df86e92e533c073da0cdd43c ;;
    aarch64) echo e3853c5a252fca15252d07cb23a1bdd9377a8c6f3efa01531109281ae47f841c ;;
    *) die "no cargo found, and no rustup is known here for $1: please install Rust by hand" ;;
  esac
}

install_rust() {
  local machine hash work channel
  machine=$(uname -m)
  hash=$(rustup_hash "$machine")
  channel=$(sed -n 's/^channel = "\(.*\)"/\1/p' rust-toolchain.toml)
  work=$(mktemp -d)
  say "no cargo found: installing Rust $channel for $(id -un) with rustup $rustup_version (some 300 MB, a minute or two)"
  curl --proto '=https' --tlsv1.2 --fail --silent --show-error --retry 3 --output "$work/rustup-init" \
    "https://static.rust-lang.org/rustup/archive/$rustup_version/$machine-unknown-linux-gnu/rustup-init" ||
    die "rustup could not be fetched; please install Rust $channel by hand"
  echo "$hash  $work/rustup-init" | sha256sum --check --quiet || die "rustup $rustup_version is not the file that we know"
  chmod +x "$work/rustup-init"
  "$work/rustup-init" -y --quiet --profile minimal --component clippy --component rustfmt \
    --default-toolchain "$channel" --no-modify-path || die "rustup failed; please install Rust $channel by hand"
  rm -rf "$work"
}

rust() {
  local need
  need=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
  have cargo || install_rust
  at_least "$(rustc_version)" "$need" ||
    die "Rust $need or newer is needed, and this is $(rustc_version)"
}

checks() {
  local packages=()
  have shellcheck || packages+=(shellcheck)
  # For the syntax of JavaScript's bootstrap; npm with it, because the page's checks want both.
  have node || packages+=(nodejs npm)
  # Debian splits venv's parts off; the module itself imports without them, so look for what it runs.
  python3 -c 'import venv, ensurepip' 2>/dev/null || packages+=(python3-venv)
  [ ${#packages[@]} = 0 ] || apt_install "${packages[@]}"
  local component
  for component in fmt clippy; do
    cargo "$component" --version >/dev/null 2>&1 && continue
    say "installing the Rust component $component"
    rustup component add "${component/fmt/rustfmt}" || die "cargo $component is missing: please install it"
  done
}

base
rust
case ${1:-} in
  '') ;;
  checks) checks ;;
  *) die "usage: toolchain.sh [checks]" ;;
esac
