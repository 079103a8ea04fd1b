#!/usr/bin/env bash
# The tests of what programs get, and of what attacks get, without Landlock, with what stands in for it: run by
# own-engine.sh --no-landlock, whose containers find no Landlock in the kernel. What it comes to is in docs/ARCHITECTURE.md.
#   no-landlock.sh [NAME…]   instead of all, the tests whose names have one of these in them
set -euo pipefail
cd "$(dirname "$0")/../.."

modules=(
  attacks:: writing:: isolation:: fidelity:: scratch:: judging:: workspace:: compiling:: languages:: outcomes:: limits:: contract::
  landlock::
)
[ $# -eq 0 ] || modules=("$@")
SCE_TEST_LANDLOCK=optional SCE_TEST_RUNTIME=runc-no-landlock exec cargo test --locked --test suite -- "${modules[@]}"
