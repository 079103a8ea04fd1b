#!/usr/bin/env bash
# Checks every dependency against deny.toml: licences, banned and duplicate crates, where they come from, and,
# where the advisory database can be reached, known vulnerabilities.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=infra/local/lib.sh
. infra/local/lib.sh

# Built from source, once per version: about a minute on two cores. The wheel on PyPI is too old to read today's
# package ids. Without optimisation, since compiling takes long and checking takes a second.
version=0.20.2
home=$cache_dir/cargo-deny-$version
if [ ! -x "$home/bin/cargo-deny" ]; then
  say "building cargo-deny $version into $home"
  build=$(mktemp -d)
  trap 'rm -rf "$build"' EXIT
  CARGO_PROFILE_DEV_DEBUG=0 CARGO_TARGET_DIR=$build \
    cargo install --quiet --locked --debug --no-track --root "$home" "cargo-deny@$version"
fi
deny() { "$home/bin/cargo-deny" --workspace --locked "$@"; }

deny check bans licenses sources

# The database is a git repository, not a crate: behind some networks it is out of reach. Then say so, never pass
# over it, and never fail for it: that would teach people to switch the whole check off.
if fault=$(GIT_TERMINAL_PROMPT=0 timeout 120 "$home/bin/cargo-deny" --workspace --locked fetch db 2>&1); then
  deny check --disable-fetch advisories
else
  say "NOT CHECKED: known vulnerabilities. The advisory database could not be fetched:"
  tail -n 3 <<<"$fault" | sed '/^$/d; s/^/  /' >&2
fi
