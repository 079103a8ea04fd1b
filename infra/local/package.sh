#!/usr/bin/env bash
# The function as Lambda takes it: an optimised `bootstrap` in a zip file, and what it weighs.
#   package.sh [--arm64]    for x86_64, unless told otherwise; sandbox-init in it is for Docker hosts of the same
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=infra/local/lib.sh
. infra/local/lib.sh

# Cold starts grow with what must be fetched and unpacked.
max_bytes=10000000
tools=$(infra/local/lambda-tools.sh)
# AWS-LC gathers jitter of the CPU for its random numbers, which can take a second of a cold start. The kernel's own,
# which it uses otherwise, are what Lambda's kernel was seeded with, and good enough for TLS everywhere else.
PATH=$tools:$PATH AWS_LC_SYS_NO_JITTER_ENTROPY=1 \
  cargo lambda build --release --locked --bin safe-code-executor --output-format zip "${1:---x86-64}"

zip=target/lambda/safe-code-executor/bootstrap.zip
bytes=$(stat -c %s "$zip")
bootstrap=$(python3 -c 'import sys, zipfile; print(zipfile.ZipFile(sys.argv[1]).getinfo("bootstrap").file_size)' "$zip")
say "$zip: $bytes bytes zipped, $bootstrap unpacked"
[ "$bytes" -lt "$max_bytes" ] || die "that is more than the $max_bytes bytes that a cold start allows"
