#!/usr/bin/env bash
# build.sh OUT: builds the images of deploy/images/Dockerfile from the programs in BIN (build/release/bin), with buildah and without a registry,
# as OUT/PROGRAM.tar (docker-archive, named PREFIX/PROGRAM:VERSION). The same programs give the same digests. An SPDX document lies beside each.
set -euo pipefail
cd "$(dirname "$0")/../.."
out=${1:?where to}
bin=${BIN:-build/release/bin}
prefix=${PREFIX:-localhost/chandlery}
programs=(service-catalog aws-servicebroker svcat s3-demo)
version=${VERSION:-$("$bin/svcat" --version)}
# The time of the last commit: the same for everyone who builds it.
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}
revision=$(git rev-parse HEAD 2>/dev/null || echo unknown)

work=$(mktemp -d)
# An ordinary user's buildah makes files that belong to others of the user's namespace.
clean_up() { if [ "$(id -u)" = 0 ]; then rm -rf "$work"; else buildah unshare rm -rf "$work"; fi; }
trap clean_up EXIT
mkdir -p "$out" "$work/context"
deploy/images/make_root.py "${programs[@]}" --bin "$bin" --to "$work/roots"
# buildah without a container engine's rights: its storage is in a folder of its own, and nothing is run in the images.
buildah=(buildah --root "$work/storage" --runroot "$work/run" --storage-driver vfs)
for program in "${programs[@]}"; do
  image=$prefix/$program:$version
  "${buildah[@]}" bud --quiet --isolation chroot --target "$program" --build-context "roots=$work/roots" --timestamp "$SOURCE_DATE_EPOCH" \
    --label "org.opencontainers.image.version=$version" --label "org.opencontainers.image.revision=$revision" --identity-label=false \
    --file deploy/images/Dockerfile --tag "$image" "$work/context" >/dev/null
  rm -f "$out/$program.tar"
  "${buildah[@]}" push --quiet --digestfile "$work/digest" "$image" "docker-archive:$out/$program.tar:$image" >/dev/null
  cp "$work/roots/$program/usr/share/sbom/$program.spdx.json" "$out/"
  cat "$work/digest" >"$out/$program.digest"
  echo "$image $(cat "$work/digest") $(du -sb "$work/roots/$program" | cut -f1) bytes"
done
