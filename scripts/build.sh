#!/usr/bin/env bash
# build.sh PRESET [TARGET...]: configures and compiles build/PRESET.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/progress.sh

preset=${1:?which preset}
shift
free=$(df -Pm . | awk 'NR == 2 { print $4 }')
[ "$free" -ge "${MIN_FREE_MB:-1000}" ] || stop "Only $free MB are free in $PWD: a build needs up to 4000 MB. Free some, or set MIN_FREE_MB to build anyway."
targets=()
[ $# = 0 ] || targets=(--target "$@")
step "Configuring build/$preset" cmake --preset "$preset"
step "Compiling build/$preset${*:+: $*} (minutes, the first time)" cmake --build --preset "$preset" "${targets[@]}"
