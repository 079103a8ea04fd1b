#!/usr/bin/env bash
# Builds a program of this workspace as Lambda runs it: optimised, and for the C library of Amazon Linux 2023.
#   lambda-build.sh PROGRAM [option of `cargo lambda build` …]
# It is then in target/lambda/PROGRAM: `bootstrap`, or `bootstrap.zip` with `--output-format zip`.
set -euo pipefail
cd "$(dirname "$0")/../.."

program=$1
shift
tools=$(infra/local/lambda-tools.sh)
PATH=$tools:$PATH exec cargo lambda build --release --locked --package "$program" --bin "$program" "$@"
