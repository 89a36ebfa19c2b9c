#!/usr/bin/env bash
# tidy-changed.sh: clang-tidy over the C++ files of src and apps that changed since main, or in the last commit on main itself, and in the work tree; and
# those of tests, testing and bench compiled alone, as other builds do not. A changed header stands for the .cpp file beside it. More than TIDY_LIMIT
# files (60) are left to `make tidy` and `make alone`. TIDY_SINCE names another commit to compare with; it is ignored if the repository does not have it.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/progress.sh

base=$(git merge-base HEAD origin/main 2>/dev/null || git rev-parse HEAD)
[ "$base" != "$(git rev-parse HEAD)" ] || base=$(git rev-parse -q --verify HEAD~1 || git rev-parse HEAD)
if [ -n "${TIDY_SINCE:-}" ] && since=$(git rev-parse -q --verify "$TIDY_SINCE^{commit}"); then base=$since; fi

# changed FOLDER...: the .cpp files.
changed() {
  git diff --name-only --diff-filter=d "$base" -- "${@/%/'/*.cpp'}" "${@/%/'/*.hpp'}" | sed 's/\.hpp$/.cpp/' | sort -u |
    while read -r file; do [ ! -f "$file" ] || echo "$file"; done
}
mapfile -t files < <(changed src apps)
mapfile -t tests < <(changed testing tests/unit bench)
if [ ${#files[@]} = 0 ] && [ ${#tests[@]} = 0 ]; then
  echo "No C++ file changed since $(git log -1 --format='%h (%s)' "$base")"
  exit 0
fi
if [ $((${#files[@]} + ${#tests[@]})) -gt "${TIDY_LIMIT:-60}" ]; then
  echo "NOT RUN: $((${#files[@]} + ${#tests[@]})) C++ files changed since $(git rev-parse --short "$base"), more than ${TIDY_LIMIT:-60}: make tidy alone"
  exit 0
fi
# Its compile commands name each file; the other builds compile several as one.
step 'Configuring build/dev' cmake --preset dev
# "FILE^" is what ninja makes of the file.
objects=("${tests[@]/#/$PWD/}")
[ ${#tests[@]} = 0 ] || step "Compiling ${#tests[@]} files of tests, each alone" ninja -C build/dev "${objects[@]/%/^}"
[ ${#files[@]} -gt 0 ] || exit 0
echo "clang-tidy over ${#files[@]} files that changed since $(git log -1 --format='%h (%s)' "$base")"
# shellcheck disable=SC2016 # expanded by the inner shell
printf '%s\0' "${files[@]}" | xargs -0 -P "$(nproc)" -n 1 sh -c '
  found=$(clang-tidy-19 -p build/dev --quiet "$1" 2>&1) && echo "  clean: $1" || { printf "%s\n" "$found"; exit 1; }' sh
