#!/usr/bin/env bash
# setup.sh LEVEL: installs what is missing for a level: build; run (build, Python with the AWS emulator, kubectl); images (run, buildah);
# test (images, the test tools, helm, Go); lint (the linters); site (what builds the site); pictures (run, and what draws); bench, cluster, release (test, and what
# they need besides). It says nothing when nothing is missing.
set -euo pipefail
cd "$(dirname "$0")/.."

tools() {
  PYTHONPATH=scripts "$(scripts/venv.sh run)/bin/python" -m chandlery_dev.tools "$@" >/dev/null
}

case ${1:-} in
  build)
    scripts/install-packages.sh build
    ;;
  run)
    scripts/install-packages.sh build run
    tools kubectl
    ;;
  images)
    scripts/install-packages.sh build run images
    tools kubectl
    ;;
  test | bench | cluster | release)
    [ "$1" = test ] && more=() || more=("$1")
    scripts/install-packages.sh build run images test "${more[@]}"
    scripts/venv.sh test >/dev/null
    tools kubectl helm go
    ;;
  lint)
    scripts/install-packages.sh build run lint
    scripts/venv.sh lint >/dev/null
    tools actionlint
    ;;
  site)
    scripts/install-packages.sh run
    scripts/venv.sh site >/dev/null
    ;;
  pictures)
    scripts/install-packages.sh build run pictures
    scripts/venv.sh site >/dev/null
    tools kubectl
    ;;
  *)
    echo "usage: setup.sh build | run | images | test | lint | site | pictures | bench | cluster | release" >&2
    exit 2
    ;;
esac
