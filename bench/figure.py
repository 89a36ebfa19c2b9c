"""A figure beside its target and the Go peer's, as a line of a table."""

from dataclasses import dataclass

HEADER = f"{'':76}{'measured':>12} {'unit':<11}{'target':>9}  {'':5}{'Go':>6}{'ratio':>8}"


@dataclass
class Figure:
    what: str
    value: float
    unit: str
    at_least: float | None = None
    at_most: float | None = None
    of_go: float | None = None  # measured elsewhere (2 cores, as here)

    def target(self) -> str:
        if self.at_least is not None:
            return f"≥ {self.at_least:,g}"
        return f"≤ {self.at_most:,g}" if self.at_most is not None else ""

    def is_met(self) -> bool:
        return (self.at_least is None or self.value >= self.at_least) and (self.at_most is None or self.value <= self.at_most)

    def ratio_to_go(self) -> float | None:
        if self.of_go is None:
            return None
        return self.value / self.of_go if self.at_least is not None else self.of_go / self.value

    def line(self) -> str:
        met = "" if not self.target() else "met" if self.is_met() else "MISS"
        digits = 0 if abs(self.value) >= 100 else 2
        ratio = self.ratio_to_go()
        go = f"{self.of_go:>6,g}{ratio:>8,.1f}" if ratio is not None else ""
        return f"{self.what:<76}{self.value:>12,.{digits}f} {self.unit:<11}{self.target():>9}  {met:5}{go}".rstrip()
