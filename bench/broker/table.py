"""Prints one table: what is measured of the broker beside its target and the Go broker's figure.

    table.py [catalog] [cycle] [memory] [startup] [polls]      all of them where none is named

The ratio says how many times better than the Go broker it is; that one's figures were measured elsewhere, also on two cores.
"""

import sys

from figures import common  # noqa: F401 - finds the modules of scripts/ and tests/ for the others
from figures import catalog, cycle, memory, polls, startup

SUBJECTS = {"catalog": catalog, "cycle": cycle, "memory": memory, "startup": startup, "polls": polls}


def main(names: list[str]) -> int:
    print(f"{'':76}{'measured':>12} {'unit':<11}{'target':>9}  {'':5}{'Go':>6}{'ratio':>8}")
    all_met = True
    for name in names or SUBJECTS:
        for figure in SUBJECTS[name].measure():
            all_met = all_met and figure.is_met()
            print(line(figure), flush=True)
    return 0 if all_met else 1


def line(figure: common.Figure) -> str:
    met = "" if not figure.target() else "met" if figure.is_met() else "MISS"
    digits = 0 if abs(figure.value) >= 100 else 2
    ratio = figure.ratio_to_go()
    go = f"{figure.of_go:>6,g}{ratio:>8,.1f}" if ratio is not None else ""
    return f"{figure.what:<76}{figure.value:>12,.{digits}f} {figure.unit:<11}{figure.target():>9}  {met:5}{go}".rstrip()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
