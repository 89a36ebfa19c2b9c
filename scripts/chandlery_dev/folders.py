"""Where the project keeps what it fetches and builds for itself: in the user's cache, outside the repository."""

import os
from pathlib import Path

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "chandlery"
BIN = CACHE / "bin"  # links to kubectl, helm and go, where the machine has none that are new enough (tools.py)
