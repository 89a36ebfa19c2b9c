#!/usr/bin/env bash
# lock.sh: writes run.txt, test.txt, lint.txt and site.txt from the .in files beside it: every package that they need, with its version and the hashes of all its
# files, so that x86-64 and arm64 install from the same list. kubectl.txt and go.txt have one package each; edit them by hand.
set -euo pipefail
cd "$(dirname "$0")"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$(../venv.sh run)/bin/python" -m venv "$work"
"$work/bin/pip" install --quiet pip-tools==7.6.2
for level in run test lint site; do
  echo "Locking $level.txt"
  "$work/bin/pip-compile" --quiet --generate-hashes --strip-extras --allow-unsafe --no-header --annotation-style line \
    --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --output-file "$level.txt" "$level.in"
done
