#!/usr/bin/env bash
# Builds a program of this workspace as Lambda runs it: optimised, and for the C library of Amazon Linux 2023.
#   lambda-build.sh PROGRAM [option of `cargo lambda build` …]
# It is then in target/lambda/PROGRAM: `bootstrap`, or `bootstrap.zip` with `--output-format zip`.
set -euo pipefail
cd "$(dirname "$0")/../.."

program=$1
shift
tools=$(infra/local/lambda-tools.sh)
# AWS-LC gathers jitter of the CPU for its random numbers, which can take a second of a cold start. The kernel's own,
# which it uses otherwise, are what Lambda's kernel was seeded with, and good enough for TLS everywhere else.
PATH=$tools:$PATH AWS_LC_SYS_NO_JITTER_ENTROPY=1 \
  exec cargo lambda build --release --locked --package "$program" --bin "$program" "$@"
