"""Labels beside the ends of lines: as near to them as they can be without overlapping."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Label:
    """`at`: where its line ends; `size`: its height; both in the axis's own unit."""

    at: float
    size: float


def spread(labels: Sequence[Label], low: float, high: float) -> list[float]:
    """The middle of each, in the order given; between `low` and `high` while there is room.

    Labels that would overlap are stacked around the middle of their lines' ends, in the order of these.
    """
    order = sorted(range(len(labels)), key=lambda place: labels[place].at)
    stacks: list[list[int]] = []
    for place in order:
        stacks.append([place])
        while len(stacks) > 1 and _top(labels, stacks[-2], low, high) > _bottom(labels, stacks[-1], low, high):
            stacks[-2:] = [stacks[-2] + stacks[-1]]
    middles = [0.0] * len(labels)
    for stack in stacks:
        edge = _bottom(labels, stack, low, high)
        for place in stack:
            middles[place] = edge + labels[place].size / 2
            edge += labels[place].size
    return middles


def _height(labels: Sequence[Label], stack: Sequence[int]) -> float:
    return sum(labels[place].size for place in stack)


def _bottom(labels: Sequence[Label], stack: Sequence[int], low: float, high: float) -> float:
    height = _height(labels, stack)
    wanted = sum(labels[place].at for place in stack) / len(stack) - height / 2
    return max(low, min(wanted, high - height))


def _top(labels: Sequence[Label], stack: Sequence[int], low: float, high: float) -> float:
    return _bottom(labels, stack, low, high) + _height(labels, stack)
