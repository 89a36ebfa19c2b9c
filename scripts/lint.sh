#!/usr/bin/env bash
# lint.sh: checks everything that is checked without being built, and says at the end what did not pass.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=$(scripts/venv.sh lint)
PATH=$venv/bin:${XDG_CACHE_HOME:-$HOME/.cache}/chandlery/bin:$PATH

mapfile -t cpp < <(git ls-files '*.cpp' '*.hpp')
mapfile -t shell < <(git ls-files '*.sh' .ci/run 'deploy/packages/*.in')
# Not Helm's templates, which are no YAML before they are rendered, and not the data of tests, some of which is broken on purpose.
mapfile -t yaml < <(git ls-files '*.yaml' '*.yml' ':!deploy/charts/*/templates/*' ':!tests/data/*')

# git lists nothing in a folder that it takes for another user's, and clang-format without files reads standard input.
for list in "${#cpp[@]}" "${#shell[@]}" "${#yaml[@]}"; do
  [ "$list" -gt 0 ] || { echo "lint: git lists no files to check; see 'git status'" >&2; exit 1; }
done

failed=()
check() {
  local what=$1
  shift
  echo "lint: $what"
  "$@" || failed+=("$what")
}

check 'formatting (clang-format)' clang-format-19 --dry-run -Werror "${cpp[@]}"
check 'layers' python3 tests/layers.py
check 'shell scripts (shellcheck)' shellcheck --external-sources --source-path=SCRIPTDIR "${shell[@]}"
check 'Python (ruff)' ruff check --quiet .
check 'types of Python (mypy)' mypy --no-error-summary
check 'YAML (yamllint)' yamllint --strict "${yaml[@]}"
check 'workflows (actionlint)' actionlint -shellcheck=shellcheck -pyflakes=
check 'CloudFormation templates (cfn-lint)' cfn-lint --non-zero-exit-code error deploy/prerequisites.yaml templates/injected-user.yaml
check 'words' python3 tests/words.py
check 'prose (proselint)' python3 tests/prose.py

if [ ${#failed[@]} -gt 0 ]; then
  printf 'lint: did not pass: %s\n' "${failed[@]}" >&2
  exit 1
fi
