"""The same commit gives the same bytes."""

import os
import subprocess
import sys

from chandlery_release.project import REPOSITORY


def test_a_second_run_writes_the_same_files(release, tmp_path):
    environment = {**os.environ, "ALLOW_CHANGES": "1", "PYTHONPATH": str(REPOSITORY / "scripts"), "TZ": "Asia/Tokyo", "LC_ALL": "C"}
    command = [sys.executable, "-m", "chandlery_release", str(tmp_path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=1200, check=False, umask=0o077)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "SHA256SUMS").read_text() == (release.dist / "SHA256SUMS").read_text()
