#!/usr/bin/env bash
# install-packages.sh [LEVEL...]: installs what is missing of the Debian packages (bookworm) that a level needs. Without a level: build.
#   build    compile the programs             run      demo and run them               images   put them into images
#   test     run the tests                    lint     check the sources               bench    measure
#   cluster  a Kubernetes node of its own     pictures draw the documents' pictures
#   release  make and test a release
# --list LEVEL prints the packages of a level instead.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/progress.sh

declare -A packages=(
  [build]="clang-19 lld-19 cmake ninja-build ccache pkg-config ca-certificates
    libboost1.81-dev libboost-json1.81-dev libboost-url1.81-dev libssl-dev zlib1g-dev libyaml-cpp-dev libpugixml-dev libsqlite3-dev
    libspdlog-dev libfmt-dev libcli11-dev libprotozero-dev libre2-dev"
  [run]="python3-venv openssl"
  [images]="python3 buildah"
  [test]="libclang-rt-19-dev llvm-19 libgtest-dev libgmock-dev json-schema-test-suite iproute2 curl"
  [lint]="clang-format-19 clang-tidy-19"
  [pictures]="graphviz fonts-dejavu-core"
  [bench]="libbenchmark-dev wrk"
  [release]="llvm-19 dpkg-dev file binutils-aarch64-linux-gnu binutils-x86-64-linux-gnu qemu-user-static debootstrap systemd-container man-db zsh fish bash-completion skopeo"
  [cluster]="containerd runc containernetworking-plugins iptables conntrack procps busybox-static"
)
# PyPI has it for x86-64 only.
[ "$(uname -m)" = x86_64 ] || packages[lint]+=' shellcheck'

# check_system: ends the script on anything but Debian bookworm. OS_RELEASE names another file than /etc/os-release, for tests.
check_system() {
  local id='' like='' codename='' name=''
  name=$(uname -s)
  local release=${OS_RELEASE:-/etc/os-release}
  if [ -r "$release" ]; then
    # shellcheck disable=SC1090
    read -r id codename like < <(. "$release" && echo "${ID:--} ${VERSION_CODENAME:--} ${ID_LIKE:-}")
    # shellcheck disable=SC1090
    name=$(. "$release" && echo "${PRETTY_NAME:-$ID}")
  fi
  if [ "$codename" != bookworm ] || [[ "$id $like" != *debian* ]]; then
    stop "This is $name. Chandlery is built on Debian 12 (bookworm), x86-64 or arm64: use such a machine, or the dev container in .devcontainer (docs/development.md)."
  fi
  case $(uname -m) in
    x86_64 | aarch64) ;;
    *) stop "This machine is $(uname -m). Chandlery is built for x86-64 and arm64." ;;
  esac
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# become_root PACKAGE...: asks for the password, if one is needed, while the terminal can still be seen.
become_root() {
  [ "$(id -u)" = 0 ] && return
  command -v sudo >/dev/null ||
    stop "Debian packages are missing and there is no sudo. As root, run: apt-get update && apt-get install -y --no-install-recommends $*"
  sudo -n true 2>/dev/null && return
  [ -t 0 ] || stop "Debian packages are missing and sudo asks for a password. In a terminal, run: scripts/install-packages.sh ${levels[*]}"
  echo "Debian packages are missing; sudo may ask for your password" >&2
  sudo -v || stop "sudo failed. As root, run: apt-get update && apt-get install -y --no-install-recommends $*"
}

# apt ARGUMENT...: apt-get; while another program installs packages, it says so and waits (at most ten minutes).
apt() {
  local log deadline=$((SECONDS + ${APT_WAIT_SECONDS:-600})) holder
  log=$(mktemp)
  while ! as_root env DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get -q "$@" 2>&1 | tee "$log"; do
    if ! grep -qE 'Could not get lock|Unable to (lock|acquire)' "$log" || [ $SECONDS -ge $deadline ]; then
      rm -f "$log"
      return 1
    fi
    holder=$(sed -nE 's/.*held by process ([0-9]+) \(([^)]*)\).*/ (\2, process \1)/p' "$log" | sed -n 1p)
    echo "Waiting: another program is installing packages$holder"
    sleep "${APT_RETRY_SECONDS:-3}"
  done
  rm -f "$log"
}

apt_update() { apt -o Acquire::Retries=3 update; }
apt_install() { apt -o Acquire::Retries=3 install -y --no-install-recommends "$@"; }

if [ "${1:-}" = --list ]; then
  tr -s ' \n' '\n' <<<"${packages[${2:?which level}]}"
  exit 0
fi
levels=("$@")
[ ${#levels[@]} -gt 0 ] || levels=(build)
wanted=()
for level in "${levels[@]}"; do
  [ -n "${packages[$level]:-}" ] || stop "install-packages.sh: there is no level $level (${!packages[*]})"
  read -r -d '' -a names <<<"${packages[$level]}" || true
  wanted+=("${names[@]}")
done

check_system
mapfile -t missing < <(
  comm -13 <(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "${wanted[@]}" 2>/dev/null | sed -n 's/ installed$//p' | sort -u) \
    <(printf '%s\n' "${wanted[@]}" | sort -u)
)
[ ${#missing[@]} -gt 0 ] || exit 0
become_root "${missing[@]}"
step 'Reading the lists of Debian packages' apt_update || stop 'apt-get update failed: see above; check the network and /etc/apt/sources.list'
step "Installing ${#missing[@]} Debian packages and what they need: ${missing[*]}" apt_install "${missing[@]}" ||
  stop 'apt-get install failed: see above'
