#!/usr/bin/env bash
# Runs each program of tests/fuzz for SECONDS_EACH over its kept corpus, tests/data/fuzz/<name>. What a run finds new stays in a temporary
# folder; an input that breaks something is kept in build/fuzz/findings and named. SEED chooses other inputs than those of every run.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${SECONDS_EACH:-10}

findings=build/fuzz/findings
mkdir -p "$findings"
corpus=$(mktemp -d)
trap 'rm -rf "$corpus"' EXIT
for program in build/fuzz/bin/fuzz_*; do
  name=$(basename "$program")
  name=${name#fuzz_}
  kept=(tests/data/fuzz/"$name")
  [ "$name" = template ] && kept+=(templates)
  mkdir "$corpus/$name"
  echo "fuzzing $name for ${seconds}s over $(find "${kept[@]}" -type f | wc -l) kept inputs"
  "$program" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=65536 -seed="${SEED:-1}" -verbosity=0 -print_final_stats=1 \
    -artifact_prefix="$findings/$name-" "$corpus/$name" "${kept[@]}" 2>&1 | grep -v '^$' | sed 's/^/  /'
done
