#!/usr/bin/env bash
# The tools around the function, installed once into a folder of their own: cargo-lambda, the SAM CLI with AWS's
# runtime interface emulator in it, cfn-lint. Needs Python 3.9 or newer.
#   lambda-tools.sh          install where missing; prints the folder of the programs
#   lambda-tools.sh rie      prints the path of the emulator
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=infra/local/lib.sh
. infra/local/lib.sh

requirements=infra/local/lambda-tools.txt
venv=$cache_dir/lambda-tools-$(cksum <"$requirements" | cut -d' ' -f1)

exec 9>"$cache_dir/lambda-tools.lock"
if have flock; then flock 9; fi # two at once would install into one folder
if [ ! -e "$venv/ready" ]; then
  # Debian splits venv's parts off; the module itself imports without them, so look for what it runs.
  python3 -c 'import venv, ensurepip' 2>/dev/null || apt_install python3-venv
  say "installing cargo-lambda, the SAM CLI and cfn-lint into $venv (800 MB, once)"
  rm -rf "$venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check --require-hashes --requirement "$requirements" >&2
  touch "$venv/ready"
fi

case ${1:-} in
  '') echo "$venv/bin" ;;
  rie)
    case $(uname -m) in x86_64) arch=x86_64 ;; aarch64 | arm64) arch=arm64 ;; *) die "no emulator for $(uname -m)" ;; esac
    rie=$(echo "$venv"/lib/python3*/site-packages/samcli/local/rapid/aws-lambda-rie-$arch)
    [ -x "$rie" ] || chmod +x "$rie" || die "the emulator is not at $rie"
    echo "$rie" ;;
  *) die "usage: lambda-tools.sh [rie]" ;;
esac
