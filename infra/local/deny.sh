#!/usr/bin/env bash
# Checks every dependency against deny.toml: licences, banned and duplicate crates, where they come from, and known
# vulnerabilities.
#   deny.sh             says NOT CHECKED, and passes, where the advisory database is out of reach
#   deny.sh advisories  known vulnerabilities alone, of crates and of the page's npm packages; fails when it could not look
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

# The database is a git repository, not a crate: behind some networks it is out of reach. `fault` says why.
fetch() { fault=$(GIT_TERMINAL_PROMPT=0 timeout 120 "$home/bin/cargo-deny" --workspace --locked fetch db 2>&1); }
why() { tail -n 3 <<<"$fault" | sed '/^$/d; s/^/  /' >&2; }

case ${1:-} in
  '')
    deny check bans licenses sources
    # Then say so, never pass over it, and never fail for it: that would teach people to switch the whole check off.
    # `make advisories` fails.
    if fetch; then
      deny check --disable-fetch advisories
    else
      say "NOT CHECKED: known vulnerabilities (make advisories). The advisory database could not be fetched:"
      why
    fi ;;
  advisories)
    if ! fetch; then
      why
      die "NOT CHECKED: the advisory database could not be fetched"
    fi
    deny check --disable-fetch advisories
    say "crates: no known vulnerability"
    have npm || apt_install npm
    # What it bundles is in the page; the tools that build it run on our machines.
    npm audit --prefix ui --package-lock-only || die "npm packages: findings above, or the list could not be had"
    say "npm packages: no known vulnerability" ;;
  *) die 'usage: deny.sh [advisories]' ;;
esac
