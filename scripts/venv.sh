#!/usr/bin/env bash
# Makes the Python environment with the AWS emulator and the test tools, once for each version of requirements.txt, outside the repository;
# prints its folder.
set -euo pipefail
cd "$(dirname "$0")"

digest=$(sha256sum requirements.txt | cut -c1-12)
venv=${XDG_CACHE_HOME:-$HOME/.cache}/chandlery/venv-$digest
if [ ! -f "$venv/complete" ]; then
  echo "Making the Python environment $venv" >&2
  python3 -m venv --clear "$venv" >&2
  "$venv/bin/pip" install --quiet --disable-pip-version-check -r requirements.txt >&2
  touch "$venv/complete"
fi
echo "$venv"
