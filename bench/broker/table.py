"""Prints one table: what is measured of the broker beside its target and the Go broker's figure.

    table.py [catalog] [cycle] [memory] [startup] [polls]      all of them where none is named

The ratio says how many times better than the Go broker it is; that one's figures were measured elsewhere, also on two cores.
"""

import sys

from figure import HEADER  # found by common, too
from figures import (
    catalog,
    common,  # noqa: F401 - finds the modules of scripts/ and tests/ for the others
    cycle,
    memory,
    polls,
    startup,
)

SUBJECTS = {"catalog": catalog, "cycle": cycle, "memory": memory, "startup": startup, "polls": polls}


def main(names: list[str]) -> int:
    print(HEADER)
    all_met = True
    for name in names or SUBJECTS:
        for figure in SUBJECTS[name].measure():
            all_met = all_met and figure.is_met()
            print(figure.line(), flush=True)
    return 0 if all_met else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
