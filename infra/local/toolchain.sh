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

rust() {
  local need
  need=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
  if ! have cargo; then
    # Never run on the machine this was written on, which has Rust and cannot reach rustup's site.
    say "no cargo found: installing stable Rust for $(id -un) with rustup's own installer, from sh.rustup.rs"
    curl --proto '=https' --tlsv1.2 --fail --silent --show-error --retry 3 https://sh.rustup.rs |
      sh -s -- -y --quiet --profile minimal --component clippy --component rustfmt --no-modify-path ||
      die "rustup's installer failed; please install Rust $need or newer by hand"
  fi
  at_least "$(rustc_version)" "$need" ||
    die "Rust $need or newer is needed, this is $(rustc_version): rustup update stable"
}

checks() {
  local packages=()
  have shellcheck || packages+=(shellcheck)
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
