"""`make demo`'s program: ended in the middle, however it is ended, it leaves no process and no folder behind."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from chandlery_dev.processes import REPOSITORY, wait_until
from chandlery_dev.supervise import descendants_of

pytestmark = pytest.mark.local


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_an_interrupted_demo_leaves_nothing_behind(tmp_path, number):
    log = tmp_path / "log"
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "scripts"), "TMPDIR": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    with open(log, "wb") as output:
        demo = subprocess.Popen(
            [sys.executable, "-m", "chandlery_dev", "demo"], cwd=REPOSITORY, stdout=output, stderr=output, env=environment, start_new_session=True
        )
    try:
        wait_until("the bucket's step", lambda: "## 6." in log.read_text(), 60)
        started = descendants_of(demo.pid)
        assert len(started) >= 3
        os.kill(demo.pid, number)
        demo.wait(60)
    finally:
        if demo.poll() is None:
            demo.kill()
    wait_until("every process being gone", lambda: not any(Path(f"/proc/{pid}").exists() for pid in started), 30)
    if number != signal.SIGKILL:
        assert "Interrupted" in log.read_text()
        assert list(tmp_path.iterdir()) == [log]
    wait_until("its folder being gone", lambda: list(tmp_path.iterdir()) == [log], 30)
