#!/usr/bin/env bash
# version.sh: prints "VERSION COMMIT TIME" of the sources: a semantic version, the abbreviated hash of the commit, and the commit's time (seconds since 1970).
# The version comes from the newest tag vMAJOR.MINOR.PATCH[-PRERELEASE] that the commit has or descends from:
#   the tagged commit itself             v1.2.3      1.2.3
#   the fifth commit after it            v1.2.3      1.2.4-dev.5.g1a2b3c4d5          (newer than 1.2.3, older than 1.2.4)
#   the fifth commit after a prerelease  v1.2.3-rc.1 1.2.3-rc.1.dev.5.g1a2b3c4d5
#   no tag yet; VERSION has 0.1.0                    0.1.0-dev.362.g1a2b3c4d5        (362 commits; older than 0.1.0)
# Each is valid as a semantic version, a chart's version and an image's tag. Sources without their history are what `git archive` wrote into
# scripts/source-version.txt, or else VERSION-dev. CHANDLERY_VERSION, CHANDLERY_COMMIT and SOURCE_DATE_EPOCH replace what is found.
set -euo pipefail
cd "$(dirname "$0")/.."

# of_description TAG-N-gHASH: the version.
of_description() {
  local description=$1 tag count hash
  hash=${description##*-g}
  tag=${description%-g*}
  count=${tag##*-}
  tag=${tag%-*}
  tag=${tag#v}
  [[ $tag =~ ^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(-[0-9A-Za-z.-]+)?$ ]] || {
    echo "version.sh: the tag v$tag is not vMAJOR.MINOR.PATCH or vMAJOR.MINOR.PATCH-PRERELEASE" >&2
    exit 1
  }
  if [ "$count" = 0 ]; then
    echo "$tag"
  elif [ -n "${BASH_REMATCH[4]}" ]; then
    echo "$tag.dev.$count.g$hash"
  else
    echo "${BASH_REMATCH[1]}.${BASH_REMATCH[2]}.$((BASH_REMATCH[3] + 1))-dev.$count.g$hash"
  fi
}

version=''
commit=unknown
time=0
next=$(<VERSION)
described=(git describe --tags --long --abbrev=9 --match 'v[0-9]*')
# Not the repository of someone who has unpacked the sources inside theirs.
if [ "$(git rev-parse --show-toplevel 2>/dev/null)" = "$(pwd -P)" ]; then
  commit=$(git rev-parse --short=9 HEAD)
  time=$(git log -1 --format=%ct)
  if description=$("${described[@]}" HEAD 2>/dev/null); then
    version=$(of_description "$description")
  else
    version=$next-dev.$(git rev-list --count HEAD).g$commit
  fi
else
  # The commit's hash, its time, and the tag that it has.
  read -r archived_commit archived_time archived_tags <scripts/source-version.txt
  if [[ $archived_commit =~ ^[0-9a-f]+$ ]]; then
    commit=${archived_commit:0:9}
    time=$archived_time
    version=$next-dev.g$commit
    [[ ! "$archived_tags " =~ tag:\ (v[0-9][^,\ ]*) ]] || version=$(of_description "${BASH_REMATCH[1]}-0-g$commit")
  else
    version=$next-dev
  fi
fi
echo "${CHANDLERY_VERSION:-$version} ${CHANDLERY_COMMIT:-$commit} ${SOURCE_DATE_EPOCH:-$time}"
