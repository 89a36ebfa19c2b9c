#!/usr/bin/env bash
# venv.sh [run|test|lint|site]: makes the Python environment, outside the repository and once for each version of scripts/requirements, or adds to it what a
# level needs: the AWS emulator (run), the test tools too (test, the default), the linters too (lint); the emulator and
# what builds the documents' site (site). Prints its folder.
set -euo pipefail
cd "$(dirname "$0")"
. ./progress.sh
cd requirements

case ${1:-test} in
  run) levels=(run) ;;
  test) levels=(run test) ;;
  lint) levels=(run test lint) ;;
  site) levels=(run site) ;;
  *) stop "venv.sh: there is no level $1 (run, test, lint, site)" ;;
esac

# find_python: a Python that the requirements are locked for. Debian's comes first: that is what they are tried with.
find_python() {
  local found
  for found in "${PYTHON_OF_DEBIAN:-/usr/bin/python3}" python3 python3.11 python3.12 python3.13; do
    "$found" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$found" && return
  done
  found=$(python3 --version 2>/dev/null || echo none)
  stop "Python 3.11 or later with venv is needed (found: $found). On Debian bookworm: apt-get install python3-venv"
}

digest=$(cat run.txt test.txt lint.txt site.txt | sha256sum | cut -c1-12)
venv=${XDG_CACHE_HOME:-$HOME/.cache}/chandlery/venv-$digest
complete() { for level in "${levels[@]}"; do [ -f "$venv/$level.complete" ] || return 1; done; }

if ! complete; then
  mkdir -p "${venv%/*}"
  lock "$venv.lock" "$venv"
  if [ ! -f "$venv/run.complete" ]; then
    python=$(find_python)
    step "Making the Python environment $venv" "$python" -m venv --clear "$venv"
  fi
  for level in "${levels[@]}"; do
    [ ! -f "$venv/$level.complete" ] || continue
    step "Installing $(grep -c == "$level.txt") Python packages ($level)" \
      "$venv/bin/pip" install --disable-pip-version-check --progress-bar off --no-compile --require-hashes --only-binary :all: -r "$level.txt"
    touch "$venv/$level.complete"
  done
  exec {LOCK}>&-
  # Environments of other versions that nobody has used for a month.
  find "${venv%/*}" -maxdepth 1 -name 'venv-*' ! -path "$venv*" -mtime +30 -exec rm -rf {} +
fi
touch -c "$venv" 2>/dev/null || true  # it is in use
echo "$venv"
