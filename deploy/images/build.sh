#!/usr/bin/env bash
# build.sh OUT: builds the images of deploy/images/Dockerfile from the programs of a build folder, BUILD (build/release), with buildah and without a registry.
# The same programs give the same digests. For each program it writes the image (docker-archive, named PREFIX/PROGRAM:TAG), its digest and its SPDX document.
#   ARCHITECTURE, SYSROOT  of the programs (this machine's, /); another architecture's are not run
#   FORMAT=oci             writes the OCI layout OUT/PROGRAM instead
set -euo pipefail
cd "$(dirname "$0")/../.."
out=${1:?where to}
build=${BUILD:-build/release}
architecture=${ARCHITECTURE:-$(dpkg --print-architecture)}
prefix=${PREFIX:-localhost/chandlery}
tag=${TAG:-$(<VERSION)}
names=$(PYTHONPATH=scripts python3 -c 'from chandlery_release.project import PROGRAMS; print(*(each.name for each in PROGRAMS))')
read -r -a programs <<<"$names"
read -r version _ time < <(scripts/version.sh)
export SOURCE_DATE_EPOCH=$time
revision=${CHANDLERY_REVISION:-$(git rev-parse HEAD 2>/dev/null || echo unknown)}

work=$(mktemp -d)
# An ordinary user's buildah makes files that belong to others of the user's namespace.
clean_up() { if [ "$(id -u)" = 0 ]; then rm -rf "$work"; else buildah unshare rm -rf "$work"; fi; }
trap clean_up EXIT
mkdir -p "$out" "$work/context"
deploy/images/make_root.py "${programs[@]}" --build "$build" --architecture "$architecture" --sysroot "${SYSROOT:-/}" --to "$work/roots"
# buildah without a container engine's rights: its storage is in a folder of its own, and nothing is run in the images.
buildah=(buildah --root "$work/storage" --runroot "$work/run" --storage-driver vfs)
for program in "${programs[@]}"; do
  image=$prefix/$program:$tag
  "${buildah[@]}" bud --quiet --isolation chroot --platform "linux/$architecture" --target "$program" --build-context "roots=$work/roots" \
    --timestamp "$SOURCE_DATE_EPOCH" --label "org.opencontainers.image.version=$version" --label "org.opencontainers.image.revision=$revision" \
    ${SOURCE_URL:+--label "org.opencontainers.image.source=$SOURCE_URL"} --identity-label=false \
    --file deploy/images/Dockerfile --tag "$image" "$work/context" >/dev/null
  if [ "${FORMAT:-}" = oci ]; then
    rm -rf "${out:?}/$program"
    target=oci:$out/$program:$tag
  else
    rm -f "$out/$program.tar"
    target=docker-archive:$out/$program.tar:$image
  fi
  "${buildah[@]}" push --quiet --digestfile "$work/digest" "$image" "$target" >/dev/null
  cp "$work/roots/$program/usr/share/sbom/$program.spdx.json" "$out/"
  cat "$work/digest" >"$out/$program.digest"
  echo "$image $(cat "$work/digest") $(du -sb "$work/roots/$program" | cut -f1) bytes"
done
