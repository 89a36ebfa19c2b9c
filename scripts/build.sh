#!/usr/bin/env bash
# build.sh PRESET [TARGET...]: configures and compiles build/PRESET. The presets release-arm64 and release-amd64 are for the other architecture; on a machine
# of that architecture itself, use the preset release.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/progress.sh

preset=${1:?which preset}
shift
free=$(df -Pm . | awk 'NR == 2 { print $4 }')
[ "$free" -ge "${MIN_FREE_MB:-1000}" ] || stop "Only $free MB are free in $PWD: a build needs up to 4000 MB. Free some, or set MIN_FREE_MB to build anyway."
case $preset in
  release-arm64 | release-amd64)
    CHANDLERY_SYSROOT=$(scripts/sysroot.sh "${preset#release-}")
    export CHANDLERY_SYSROOT
    # CMake keeps the sysroot that it was first configured with.
    [ ! -f "build/$preset/CMakeCache.txt" ] || grep -qxF "CHANDLERY_SYSROOT:PATH=$CHANDLERY_SYSROOT" "build/$preset/CMakeCache.txt" || rm -rf "build/$preset/CMakeCache.txt" "build/$preset/CMakeFiles"
    ;;
esac
targets=()
[ $# = 0 ] || targets=(--target "$@")
step "Configuring build/$preset" cmake --preset "$preset"
step "Compiling build/$preset${*:+: $*} (minutes, the first time)" cmake --build --preset "$preset" "${targets[@]}"
