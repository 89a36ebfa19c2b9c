#!/usr/bin/env bash
# run.sh [TARGET...]: whether the make TARGETs (demo, test) do all the rest on a bare Debian bookworm: git, make, ca-certificates, sudo and an ordinary user.
# The system is made by debootstrap in a folder, and runs in mount, process, IPC and host name namespaces of its own. It reaches what this machine
# reaches; apt, pip and Go in it are configured as here. The commit that is checked out is cloned; there is no compiler cache.
# BARE_DIR names the folder (build/bare). KEEP=1 leaves the system in it, and takes one that is there already, with a new clone. Prints the time and what was fetched for each target; logs are in the folder.
# Needs root, debootstrap, and some 15 GB.
set -euo pipefail
repository=$(cd "$(dirname "$0")/../.." && pwd)
. "$repository/scripts/progress.sh"
. "$repository/scripts/debian.sh"
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(demo test)

[ "$(id -u)" = 0 ] || stop 'tests/bare/run.sh needs root: sudo make test-bare'
command -v debootstrap >/dev/null || stop 'debootstrap is missing: apt-get install debootstrap'
folder=${BARE_DIR:-$repository/build/bare}
root=$folder/root
user=builder
home=/home/$user
mkdir -p "$folder"
[ ! -e "$root" ] || [ -n "${KEEP:-}" ] || stop "$root is there already: remove it, take it as it is (KEEP=1), or name another folder in BARE_DIR"
[ -n "${KEEP:-}" ] || trap 'rm -rf --one-file-system "$root" "$root.new"' EXIT

# make_system: whole, or not at all.
make_system() {
  local new=$root.new
  rm -rf --one-file-system "$new"
  debian_system "$new" git,make,ca-certificates,sudo
  [ ! -f /etc/pip.conf ] || cp /etc/pip.conf "$new/etc/"
  chroot "$new" useradd --create-home --shell /bin/bash "$user"
  echo "$user ALL=(ALL) NOPASSWD:ALL" >"$new/etc/sudoers.d/$user"
  mv "$new" "$root"
}

clone() {
  rm -rf --one-file-system "$root$home/chandlery"
  git -c safe.directory='*' clone --quiet "file://$repository" "$root$home/chandlery"
  chroot "$root" chown -R "$user:$user" "$home"
}

# environment: what this machine tells pip, Go and TLS clients, where it is the same in there.
environment() {
  local name value
  for name in PIP_CERT PIP_INDEX_URL PIP_EXTRA_INDEX_URL PIP_DEFAULT_TIMEOUT SSL_CERT_FILE REQUESTS_CA_BUNDLE CURL_CA_BUNDLE GIT_SSL_CAINFO \
    http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY; do
    value=${!name:-}
    [ -n "$value" ] || continue
    [[ $value != /* || -e $root$value ]] || continue
    printf '%s=%s\0' "$name" "$value"
  done
  command -v go >/dev/null || return 0
  for name in GOPROXY GOSUMDB GONOSUMDB GOPRIVATE; do
    value=$(go env "$name")
    [ -z "$value" ] || printf '%s=%s\0' "$name" "$value"
  done
}

# inside COMMAND...: as the ordinary user, in the clone. Whatever is left running ends with it.
inside() {
  local variables
  mapfile -d '' -t variables < <(environment)
  # shellcheck disable=SC2016 # expanded by the inner shell
  setpriv --pdeathsig KILL unshare --mount --pid --ipc --uts --fork --kill-child --propagation private bash -euc '
    root=$1 user=$2; shift 2
    hostname bare 2>/dev/null || true
    grep -qx "127.0.1.1 bare" "$root/etc/hosts" || echo "127.0.1.1 bare" >>"$root/etc/hosts"
    mount --rbind "$root" "$root"
    mount -t proc proc "$root/proc"
    mount -t sysfs -o ro sysfs "$root/sys"
    mount --rbind /dev "$root/dev"
    mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
    # Not chroot: in a changed root the kernel allows no user namespaces, which buildah takes.
    cd "$root"
    mkdir -p old
    pivot_root . old
    umount --lazy old
    setpriv --reuid="$user" --regid="$user" --init-groups env --chdir="/home/$user/chandlery" -i "$@"
    exit $?  # this shell is the init of the namespace, and reaps what is left' \
    bare "$root" "$user" "HOME=$home" "USER=$user" PATH=/usr/local/bin:/usr/bin:/bin LANG=C.UTF-8 "PIP_LOG=$home/pip.log" "${variables[@]}" "$@"
}

# cpu_seconds: what the commands that have ended took, all processors together. It tells of a loaded machine what the time would be without the load.
cpu_seconds() { awk -v hertz="$(getconf CLK_TCK)" '{ printf "%d", ($16 + $17) / hertz }' "/proc/$$/stat"; }

megabytes() { du -sm --total "$@" 2>/dev/null | tail -n 1 | cut -f 1; }
packages() { dpkg-query --admindir="$root/var/lib/dpkg" -W -f '${db:Status-Status}\n' | grep -c '^installed$'; }

# python_megabytes: what pip says that it has downloaded.
python_megabytes() {
  cat "$root$home/pip.log" 2>/dev/null | sed -nE 's/.* Downloading \S+ \(([0-9.]+) ([kM]?B|bytes)\)$/\1 \2/p' |
    awk '{ sum += $1 * ($2 == "MB" ? 1 : $2 == "kB" ? 0.001 : 0) } END { printf "%d", sum }'
}

# figures: packages, MB of Debian packages, of Python packages, of Go modules, and of all that is in the user's cache.
figures() {
  echo "$(packages) $(megabytes "$root/var/cache/apt/archives") $(python_megabytes) \
$(megabytes "$root$home/go/pkg/mod/cache/download") $(megabytes "$root$home/.cache/chandlery")"
}

main() {
  local before after started cpu result target failed=() report=()
  [ -e "$root" ] || step "Making a bare Debian bookworm in $root" make_system
  step "Cloning $(git -C "$repository" rev-parse --short HEAD)" clone
  read -r -a before < <(figures)
  for target in "${targets[@]}"; do
    echo "make $target, in the bare system (its output is in $folder/$target.log)"
    started=$SECONDS
    cpu=$(cpu_seconds)
    result=passed
    inside make --no-print-directory "$target" 2>&1 | tee "$folder/$target.log" || { result=FAILED && failed+=("$target"); }
    read -r -a after < <(figures)
    report+=("$(printf 'make %-12s %s in %d s (%d s of processors); %d Debian packages more, %d MB of them fetched; pip %d MB, Go modules %d MB, kept in the cache folder %d MB' \
      "$target" "$result" $((SECONDS - started)) $(($(cpu_seconds) - cpu)) $((after[0] - before[0])) $((after[1] - before[1])) $((after[2] - before[2])) $((after[3] - before[3])) \
      $((after[4] - before[4])))")
    before=("${after[@]}")
  done
  printf '%s\n' "${report[@]}" | tee "$folder/report.txt"
  [ ${#failed[@]} = 0 ] || stop "FAILED on a bare system: ${failed[*]}"
}

main
