#!/usr/bin/env bash
# test.sh LEVEL...: makes each level of the tests, even if one before it failed, and ends with one line for each: what passed, failed and was skipped, and
# how long it took. While a level prints nothing, scripts/ticking.py says that it goes on. Logs are in build/tests.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p build/tests

# counts LOG: passed, failed and skipped, from the closing lines of pytest and ctest.
counts() {
  awk '
    / in [0-9.]+s/ && /[0-9] (passed|failed|error|skipped)/ {
      for (i = 2; i <= NF; i++) {
        if ($i ~ /^passed/) passed += $(i - 1)
        if ($i ~ /^(failed|error)/) failed += $(i - 1)
        if ($i ~ /^skipped/) skipped += $(i - 1)
      }
    }
    / tests failed out of [0-9]+$/ { failed += $4; passed += $NF - $4 }
    END { printf "%d passed, %d failed, %d skipped", passed, failed, skipped }' "$1"
}

lines=()
failed=0
for level in "$@"; do
  log=build/tests/$level.log
  : >"$log"
  started=$SECONDS
  result=ok
  printf '\n== make %s\n' "$level"
  scripts/ticking.py "${MAKE:-make}" --no-print-directory "$level" 2>&1 | tee "$log" || result=FAILED
  [ $result = ok ] || failed=1
  lines+=("$(printf '%-13s %-7s %s, %d s' "$level" "$result" "$(counts "$log")" $((SECONDS - started)))")
done
printf '\n'
printf '%s\n' "${lines[@]}"
exit $failed
