#!/usr/bin/env bash
# build-for.sh ARCHITECTURE: compiles the programs (Release) for amd64 or arm64, on a machine of either, and prints two lines: the build folder, and the system
# that they were linked in ("/" for this machine).
set -euo pipefail
cd "$(dirname "$0")/.."

architecture=${1:?which architecture: amd64 or arm64}
if [ "$architecture" = "$(dpkg --print-architecture)" ]; then
  scripts/build.sh release >&2
  printf '%s\n' build/release /
else
  scripts/build.sh "release-$architecture" >&2
  sysroot=$(OFFLINE=1 scripts/sysroot.sh "$architecture")
  printf '%s\n' "build/release-$architecture" "$sysroot"
fi
