#!/usr/bin/env bash
# site.sh: builds the site of docs/ into build/site, and checks it: mkdocs takes no broken link and no page outside the navigation, and the built pages
# link to what is there and load nothing from elsewhere.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=$(scripts/venv.sh site)

# The maintainers' advertisement for a later version of mkdocs.
export NO_MKDOCS_2_WARNING=1
"$venv/bin/mkdocs" build --strict 2>&1 | { grep -v '^INFO' || true; }
PYTHONPATH=scripts "$venv/bin/python" -m chandlery_dev.site_check build/site
echo "Open build/site/index.html in a browser; no server is needed."
