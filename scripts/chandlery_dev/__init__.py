"""What the demo, `make run`, the tests and the benchmarks share: the emulator, our programs, the walkthrough.

The programs in BIN (tools.py) come first on the PATH of whatever is started from here.
"""

import os

from .folders import BIN

if str(BIN) not in os.environ.get("PATH", "").split(os.pathsep):
    os.environ["PATH"] = os.pathsep.join([str(BIN), os.environ.get("PATH", os.defpath)])
