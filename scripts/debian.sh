# shellcheck shell=bash
# For scripts that source it: Debian archives and systems, as this machine's apt reaches them.

# debian_archives [SUITE]: one "URI SUITE COMPONENT" a line for bookworm and its updates, as this machine's apt has them; another SUITE from the same places.
debian_archives() {
  # shellcheck disable=SC2016 # apt-get expands these
  apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT) $(ORIGIN)' 'Created-By: Packages' |
    awk -v suite="${1:-bookworm}" '$4 == "Debian" && $2 ~ /^bookworm/ { sub(/^bookworm/, suite, $2); print $1, $2, $3 }' | sort -u
}

# debian_mirror: where bookworm itself comes from.
debian_mirror() {
  local mirror
  mirror=$(debian_archives | awk '$2 == "bookworm" && $3 == "main" { print $1; exit }')
  [ -n "$mirror" ] || { echo 'apt has no archive of bookworm: run apt-get update' >&2 && return 1; }
  echo "$mirror"
}

# debian_system FOLDER PACKAGES [SUITE]: makes a minimal system with PACKAGES (separated by commas) in FOLDER by debootstrap, and gives it the apt settings,
# the name servers and the certificates of this machine. Needs root.
debian_system() {
  local root=$1 include=$2 suite=${3:-bookworm} mirror
  mirror=$(debian_mirror)
  debootstrap --variant=minbase --include="$include" "$suite" "$root" "$mirror"
  rm -f "$root"/var/cache/apt/archives/*.deb
  debian_archives "$suite" | sed 's/^/deb /' >"$root/etc/apt/sources.list"
  apt-config dump | grep -E '^Acquire::(http|https|Check|ForceIPv)' >"$root/etc/apt/apt.conf.d/99host" || true
  cp /etc/resolv.conf /etc/hosts "$root/etc/"
  mkdir -p "$root/usr/local/share/ca-certificates"
  cp /usr/local/share/ca-certificates/*.crt "$root/usr/local/share/ca-certificates/" 2>/dev/null || true
  [ ! -x "$root/usr/sbin/update-ca-certificates" ] || chroot "$root" update-ca-certificates
}
