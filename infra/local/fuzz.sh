#!/usr/bin/env bash
# Fuzzes the frames between the handler and PID 1, both ways, with libFuzzer and the address sanitizer. SECONDS_EACH: how long
# each target runs, 60 by default. Fails when something is found.
#
# Not by `cargo fuzz`, which wants a nightly toolchain: the stable one instruments for coverage too, and RUSTC_BOOTSTRAP lets it
# add the sanitizer.
set -euo pipefail
cd "$(dirname "$0")/../../sandbox-init/fuzz"
# shellcheck source=infra/local/lib.sh
. ../../infra/local/lib.sh

have c++ || apt_install g++
unset CARGO_TARGET_DIR CARGO_BUILD_TARGET
export RUSTC_BOOTSTRAP=1
export RUSTFLAGS="--cfg fuzzing -Zsanitizer=address -Cpasses=sancov-module -Ccodegen-units=1 \
  -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
  -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares"
host=$(rustc --print host-tuple)
cargo build --release --target "$host"
for target in to_init from_init; do
  mkdir -p "corpus/$target" "artifacts/$target"
  say "fuzzing $target for ${SECONDS_EACH:-60} s"
  "target/$host/release/$target" "corpus/$target" "seeds/$target" -max_total_time="${SECONDS_EACH:-60}" \
    -rss_limit_mb=512 -max_len=4096 -print_final_stats=1 -artifact_prefix="artifacts/$target/" 2>&1 | tail -n 12
done
