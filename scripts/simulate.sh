#!/usr/bin/env bash
# simulate.sh: plays the named stories, and then seeds (docs/simulation.md). SEED: this one only. STORY: this file only. SEEDS (1000), FIRST_SEED (1).
set -euo pipefail
cd "$(dirname "$0")/.."
program=build/release/bin/simulation

if [ -n "${SEED:-}" ]; then
  exec "$program" --seed "$SEED"
elif [ -n "${STORY:-}" ]; then
  exec "$program" --story "$STORY"
fi
"$program" --quiet --story simulation/stories/*.txt
exec "$program" --first-seed "${FIRST_SEED:-1}" --seeds "${SEEDS:-1000}"
