#!/usr/bin/env bash
# build.sh PRESET [TARGET...]: configures and compiles build/PRESET.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/progress.sh

preset=${1:?which preset}
shift
targets=()
[ $# = 0 ] || targets=(--target "$@")
step "Configuring build/$preset" cmake --preset "$preset"
step "Compiling build/$preset${*:+: $*} (minutes, the first time)" cmake --build --preset "$preset" "${targets[@]}"
