"""What the demo, `make run`, the tests and the benchmarks share: the emulator, our programs, the walkthrough.

The programs in BIN (tools.py) come first on the PATH of whatever is started from here.
"""

import os
import sys

if sys.version_info < (3, 11):  # noqa: UP036 - for whoever starts it with another one than scripts/venv.sh
    sys.exit("Python 3.11 or later is needed (found: " + sys.version.split()[0] + "). `make run` and `make demo` take it from scripts/venv.sh")

from .folders import BIN

if str(BIN) not in os.environ.get("PATH", "").split(os.pathsep):
    os.environ["PATH"] = os.pathsep.join([str(BIN), os.environ.get("PATH", os.defpath)])
