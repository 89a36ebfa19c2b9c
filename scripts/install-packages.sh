#!/usr/bin/env bash
# Installs what is missing of the Debian packages that building and testing need (bookworm), and kubectl where there is none.
set -euo pipefail

packages=(
  clang-19 clang-tidy-19 clang-format-19 lld-19 libclang-rt-19-dev llvm-19 cmake ninja-build ccache
  libboost1.81-dev libboost-json1.81-dev libboost-url1.81-dev libssl-dev zlib1g-dev libyaml-cpp-dev libpugixml-dev libsqlite3-dev
  libspdlog-dev libfmt-dev libcli11-dev prometheus-cpp-dev libprotozero-dev libre2-dev pkg-config libgtest-dev libgmock-dev libbenchmark-dev
  python3-venv buildah iproute2 openssl curl ca-certificates json-schema-test-suite wrk
  containerd runc containernetworking-plugins iptables conntrack procps busybox-static
)

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

missing=()
for package in "${packages[@]}"; do
  [ "$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null)" = 'install ok installed' ] || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  echo "Installing ${missing[*]}"
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

# Debian's kubernetes-client is years old; kubectl is a Go module.
if ! command -v kubectl >/dev/null; then
  target=${XDG_CACHE_HOME:-$HOME/.cache}/chandlery/kubectl-1.32.4
  if [ ! -x "$target/kubectl" ]; then
    command -v go >/dev/null || { echo 'kubectl is missing, and there is no go to build it with: install kubectl 1.30 or later' >&2; exit 1; }
    echo 'Building kubectl 1.32.4 (several minutes, once)'
    build=$(mktemp -d)
    trap 'rm -rf "$build"' EXIT
    (
      cd "$build"
      go mod init kubectl >/dev/null 2>&1
      go get k8s.io/kubectl@v0.32.4 >/dev/null 2>&1
      mkdir -p "$target"
      cat >main.go <<'GO'
package main

import (
	"k8s.io/component-base/cli"
	"k8s.io/kubectl/pkg/cmd"
	"k8s.io/kubectl/pkg/cmd/util"
)

func main() {
	if err := cli.RunNoErrOutput(cmd.NewDefaultKubectlCommand()); err != nil {
		util.CheckErr(err)
	}
}
GO
      go mod tidy >/dev/null 2>&1
      go build -trimpath -o "$target/kubectl" .
    )
  fi
  as_root ln -sf "$target/kubectl" /usr/local/bin/kubectl
fi
