"""What the demo, `make run`, the tests and the benchmarks share: the emulator, our programs, the walkthrough.

The programs in BIN (tools.py) come first on the PATH of whatever is started from here, and no proxy is used for this machine.
"""

import os
import sys

if sys.version_info < (3, 11):  # noqa: UP036 - for whoever starts it with another one than scripts/venv.sh
    sys.exit("Python 3.11 or later is needed (found: " + sys.version.split()[0] + "). `make run` and `make demo` take it from scripts/venv.sh")

from .folders import BIN

if str(BIN) not in os.environ.get("PATH", "").split(os.pathsep):
    os.environ["PATH"] = os.pathsep.join([str(BIN), os.environ.get("PATH", os.defpath)])


def _without_a_proxy_for_this_machine() -> None:
    """Python, curl and Go read NO_PROXY or no_proxy, in different orders: both get the same."""
    given = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    hosts = [host for host in given.replace(" ", "").split(",") if host]
    if hosts != ["*"]:  # no proxy for any host
        hosts = list(dict.fromkeys([*hosts, "127.0.0.1", "localhost"]))
    os.environ["no_proxy"] = os.environ["NO_PROXY"] = ",".join(hosts)


_without_a_proxy_for_this_machine()
