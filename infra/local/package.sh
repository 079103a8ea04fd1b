#!/usr/bin/env bash
# The function as Lambda takes it: an optimised `bootstrap` in a zip file, and what it weighs.
#   package.sh [--arm64]    for x86_64, unless told otherwise; sandbox-init in it is for Docker hosts of the same
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=infra/local/lib.sh
. infra/local/lib.sh

# Cold starts grow with what must be fetched and unpacked.
max_bytes=10000000
# Amazon Linux 2023's C library. With a newer one than it has, the function would not even begin.
max_glibc=2.34
say 'building the function, optimised as a whole: some 8 minutes on two cores the first time'
infra/local/lambda-build.sh safe-code-executor --output-format zip "${1:---x86-64}"

zip=$(target_dir)/lambda/safe-code-executor/bootstrap.zip
bytes=$(stat -c %s "$zip")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -c 'import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extract("bootstrap", sys.argv[2])' "$zip" "$work"
glibc=$(grep -aoE 'GLIBC_2\.[0-9]+' "$work/bootstrap" | cut -d_ -f2 | sort -uV | tail -n 1)
say "$zip: $bytes bytes zipped, $(stat -c %s "$work/bootstrap") unpacked, needs glibc $glibc"
[ "$(printf '%s\n' "$glibc" "$max_glibc" | sort -V | tail -n 1)" = "$max_glibc" ] ||
  die "Amazon Linux 2023 has glibc $max_glibc"
[ "$bytes" -lt "$max_bytes" ] || die "that is more than the $max_bytes bytes that a cold start allows"
