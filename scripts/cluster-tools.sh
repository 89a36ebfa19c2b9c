#!/usr/bin/env bash
# cluster-tools.sh PROGRAM...: prints the path of each of these programs, most of them of a real Kubernetes. Debian has none of them in these versions,
# but all are Go modules: each is built once for the version that tests/cluster/*/go.mod pins, and kept outside the repository. For kubectl, helm and go
# there is a quicker way: python -m chandlery_dev.tools.
set -euo pipefail
scripts=$(cd "$(dirname "$0")" && pwd)
modules=$(cd "$scripts/../tests/cluster" && pwd)
. "$scripts/progress.sh"

# pinned MODULE GO_MODULE: the version that MODULE's go.mod requires.
pinned() { awk -v module="$2" '$1 == module { print $2 }' "$modules/$1/go.mod"; }

# build PACKAGE TARGET LINKER_FLAGS, in its module's folder. TARGET appears whole or not at all.
build() {
  local go
  go=$(PYTHONPATH=$scripts "$("$scripts/venv.sh" run)/bin/python" -m chandlery_dev.tools go)
  step "Building ${2##*/} for $2 (minutes, once)" \
    env CGO_ENABLED=0 GOTOOLCHAIN=local nice "$go" build -v -trimpath -ldflags "-s -w $3" -o "$2.new" "$1"
  mv "$2.new" "$2"
}

for program in "$@"; do
  case $program in
    helm)
      module=helm version=$(pinned helm helm.sh/helm/v4) package=helm.sh/helm/v4/cmd/helm
      flags="-X helm.sh/helm/v4/internal/version.version=$version"
      ;;
    etcd)
      module=etcd version=$(pinned etcd go.etcd.io/etcd/server/v3) package=go.etcd.io/etcd/server/v3
      flags=
      ;;
    coredns)
      module=coredns version=$(pinned coredns github.com/coredns/coredns) package=github.com/coredns/coredns
      flags=
      ;;
    actionlint)
      module=actionlint version=$(pinned actionlint github.com/rhysd/actionlint) package=github.com/rhysd/actionlint/cmd/actionlint
      flags=
      ;;
    kubectl | kube-apiserver | kube-controller-manager | kube-scheduler | kube-proxy | kubelet)
      module=kubernetes version=$(pinned kubernetes k8s.io/kubernetes) package=k8s.io/kubernetes/cmd/$program
      IFS=. read -r major minor _ <<<"${version#v}"
      flags=$(printf -- '-X k8s.io/component-base/version.%s ' "gitVersion=$version" "gitMajor=$major" "gitMinor=$minor")
      ;;
    *)
      echo "$0: no program is called $program" >&2
      exit 2
      ;;
  esac
  target=${XDG_CACHE_HOME:-$HOME/.cache}/chandlery/$module-$version/$program
  mkdir -p "${target%/*}"
  (
    cd "$modules/$module"
    lock "$target.lock" "$target"
    [ -x "$target" ] || build "$package" "$target" "$flags"
  )
  echo "$target"
done
