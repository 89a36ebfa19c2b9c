#!/usr/bin/env bash
# sysroot.sh ARCHITECTURE: makes what programs for another architecture (arm64, amd64) are compiled and linked with, and prints its folder: the headers and
# libraries of Debian bookworm for that architecture, unpacked in ~/.cache/chandlery/sysroot-ARCHITECTURE-…, with a package database that dpkg-query and
# dpkg-shlibdeps read (--admindir=FOLDER/var/lib/dpkg). Nothing of this machine's own packages changes, and no root is needed.
# The lists of packages are read again after a day; new versions make a new folder. OFFLINE=1 takes what is there.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/progress.sh
. scripts/debian.sh

architecture=${1:-}
case $architecture in
  arm64) triplet=aarch64-linux-gnu ;;
  amd64) triplet=x86_64-linux-gnu ;;
  *) stop 'usage: sysroot.sh arm64 | amd64' ;;
esac
# The libraries of level build in scripts/install-packages.sh, and what clang takes from gcc.
mapfile -t packages < <(scripts/install-packages.sh --list build | grep -E -- '-dev$')
packages+=(libc6-dev libstdc++-12-dev ca-certificates)

cache=${XDG_CACHE_HOME:-$HOME/.cache}/chandlery
apt=$cache/apt-$architecture
mkdir -p "$apt/lists/partial" "$apt/archives/partial" "$apt/etc"
lock "$apt.lock" "$apt"

# An apt of its own: no package is installed in it, and its architecture is the other one.
: >"$apt/status"
debian_archives | sed 's|^|deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] |' >"$apt/sources.list"
cat >"$apt/apt.conf" <<END
APT::Architecture "$architecture";
APT::Architectures { "$architecture"; };
APT::Install-Recommends "false";
APT::Sandbox::User "root";
Acquire::Languages "none";
Dir::State "$apt";
Dir::State::status "$apt/status";
Dir::State::lists "$apt/lists";
Dir::Cache "$apt";
Dir::Cache::archives "$apt/archives";
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "$apt/etc";
Dir::Etc::preferencesparts "$apt/etc";
END
export APT_CONFIG=$apt/apt.conf
of_architecture() { apt-get -q -o Acquire::Retries=3 "$@"; }

if [ -z "${OFFLINE:-}" ] && [ -z "$(find "$apt/updated" -mtime 0 2>/dev/null)" ]; then
  step "Reading the lists of Debian packages for $architecture" of_architecture update || stop 'apt-get update failed: see above'
  touch "$apt/updated"
fi
# 'URI' FILE SIZE HASH
resolved=$(of_architecture install --yes --print-uris "${packages[@]}" | sed -nE "s/^'([^']+)' (\S+) .*/\2/p" | sort)
[ -n "$resolved" ] || stop "apt does not know the packages for $architecture"
digest=$( (echo "$resolved" && cat scripts/sysroot.sh) | sha256sum | cut -c1-12)
root=$cache/sysroot-$architecture-$digest

# unpack: the packages, and their entries in the database.
unpack() {
  local file name info
  rm -rf "$root.new"
  mkdir -p "$root.new"/usr/{bin,sbin,lib,lib64} "$root.new/var/lib/dpkg/info" "$root.new/var/lib/dpkg/updates"
  for file in bin sbin lib lib64; do ln -s "usr/$file" "$root.new/$file"; done
  echo 1 >"$root.new/var/lib/dpkg/info/format"
  while read -r file; do
    file=$apt/archives/$file
    dpkg-deb --extract "$file" "$root.new"
    name=$(dpkg-deb --field "$file" Package)
    [ "$(dpkg-deb --field "$file" Multi-Arch)" != same ] || name=$name:$architecture
    info=$root.new/var/lib/dpkg/info/$name
    dpkg-deb --fsys-tarfile "$file" | tar -t | sed -E 's|^\.||; s|(.)/$|\1|; s|^/$|/.|' >"$info.list"
    for kind in shlibs symbols; do dpkg-deb --info "$file" "$kind" >"$info.$kind" 2>/dev/null || rm -f "$info.$kind"; done
    dpkg-deb --field "$file" >>"$root.new/var/lib/dpkg/status"
    printf 'Status: install ok installed\n\n' >>"$root.new/var/lib/dpkg/status"
  done <<<"$resolved"
  # Links to /lib/… lead out of the folder.
  find "$root.new" -type l -lname '/*' -printf '%p\t%l\n' | while IFS=$'\t' read -r file name; do
    ln -sfr "$root.new$name" "$file"
  done
  [ -e "$root.new/usr/lib/gcc/$triplet/12/libgcc.a" ] || stop "The packages for $architecture have no libgcc.a"
  mv "$root.new" "$root"
}

if [ ! -d "$root" ]; then
  step "Fetching $(wc -l <<<"$resolved") Debian packages for $architecture" of_architecture install --yes --download-only "${packages[@]}" ||
    stop 'apt-get failed: see above'
  step "Unpacking them into $root" unpack || stop "The packages could not be unpacked: see above"
  # Older ones, and packages that are no longer used.
  find "$cache" -maxdepth 1 -name "sysroot-$architecture-*" ! -path "$root" -mtime +30 -exec rm -rf {} +
  find "$apt/archives" -maxdepth 1 -name '*.deb' -delete
fi
echo "$root"
