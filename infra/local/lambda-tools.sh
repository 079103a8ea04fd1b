#!/usr/bin/env bash
# The tools around the function, installed once into a folder of their own: cargo-lambda, the SAM CLI with AWS's
# runtime interface emulator in it, cfn-lint. Needs Python 3.11 or newer.
#   lambda-tools.sh          install where missing; prints the folder of the programs
#   lambda-tools.sh rie      prints the path of the emulator
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=infra/local/lib.sh
. infra/local/lib.sh

python_tools lambda-tools 'cargo-lambda, the SAM CLI and cfn-lint (800 MB)'

case ${1:-} in
  '') echo "$venv/bin" ;;
  rie)
    case $(uname -m) in x86_64) arch=x86_64 ;; aarch64 | arm64) arch=arm64 ;; *) die "no emulator for $(uname -m)" ;; esac
    rie=$(echo "$venv"/lib/python3*/site-packages/samcli/local/rapid/aws-lambda-rie-$arch)
    [ -x "$rie" ] || chmod +x "$rie" || die "the emulator is not at $rie"
    echo "$rie" ;;
  *) die "usage: lambda-tools.sh [rie]" ;;
esac
