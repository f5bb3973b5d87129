"""What a benchmark is asked to reach, next to what it measured: one line the same way everywhere."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """A bound, and the value that is to keep to it; `at_least` where more is better."""

    words: str
    limit: float
    value: float
    unit: str = "x"
    at_least: bool = False

    @property
    def reached(self) -> bool:
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    def __str__(self) -> str:
        verdict = "reached" if self.reached else "MISSED"
        bound = f"{'>=' if self.at_least else '<='} {self.limit:g} {self.unit}"
        return f"{verdict:<8} {self.words:<66} {bound:>12}   {self.value:.4g} {self.unit}".rstrip()
