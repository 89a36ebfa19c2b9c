"""As much of PromQL as the charts' expressions need to be looked at: which series a selector means, which labels are grouped by, and when a gauge is
beyond its threshold."""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass

OPERATORS = {"and", "or", "unless", "by", "without"}
COMPARE = {
    "=": lambda value, wanted: value == wanted,
    "!=": lambda value, wanted: value != wanted,
    "=~": lambda value, wanted: re.fullmatch(wanted, value) is not None,
    "!~": lambda value, wanted: re.fullmatch(wanted, value) is None,
}
THRESHOLDS: dict[str, Callable[[float, float], bool]] = {"==": operator.eq, ">": operator.gt, "<": operator.lt}


@dataclass(frozen=True)
class Sample:
    name: str
    labels: dict[str, str]
    value: float


def parse_scrape(text: str) -> list[Sample]:
    found = re.findall(r"^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$", text, re.M)
    return [Sample(name, dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', labels)), float(value)) for name, labels, value in found]


@dataclass(frozen=True)
class Selector:
    name: str
    matchers: tuple[tuple[str, str, str], ...]

    def select(self, samples: list[Sample]) -> list[Sample]:
        return [
            sample
            for sample in samples
            if sample.name == self.name and all(COMPARE[how](sample.labels.get(label, ""), wanted) for label, how, wanted in self.matchers)
        ]


def grouping_labels(expression: str) -> set[str]:
    """But `le`, which belongs to buckets."""
    groups = re.findall(r"\bby\s*\(([^)]*)\)", expression)
    return {label.strip() for group in groups for label in group.split(",")} - {"le"}


def selectors(expression: str) -> list[Selector]:
    without_groups = re.sub(r"\b(?:by|without)\s*\([^)]*\)", "", expression)
    found = re.findall(r"([a-zA-Z_:][\w:]*)(?:\{([^}]*)\})?(?:\[\d+[smhd]\])?(?![\w:]*\s*\()", without_groups)
    return [
        Selector(name, tuple(re.findall(r'(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"', matchers)))
        for name, matchers in found
        if name not in OPERATORS and not re.search(rf"\b{name}\s*\(", without_groups)
    ]


def beyond_threshold(expression: str, samples: list[Sample]) -> set[str]:
    """For which values of its label `max by (label) (gauge) OPERATOR number` is true now."""
    found = re.fullmatch(r"max by \((\w+)\) \((\w+)\) (==|>|<) (\S+)", expression)
    assert found, f"no threshold of a gauge: {expression}"
    label, gauge, how, threshold = found.groups()
    highest: dict[str, float] = {}
    for sample in samples:
        if sample.name == gauge:
            of = sample.labels[label]
            highest[of] = max(sample.value, highest.get(of, sample.value))
    return {of for of, value in highest.items() if THRESHOLDS[how](value, float(threshold))}
