"""How sure a figure is, and whether confidence means what it says."""

import random
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

T = TypeVar("T")


class Interval(NamedTuple):
    """Bounds of a percentile bootstrap interval."""

    low: float
    high: float


def bootstrap(
    items: Sequence[T], figure: Callable[[Sequence[T]], float], rounds: int = 1000, level: float = 0.95, seed: int = 0
) -> Interval:
    """Percentile bootstrap of ``figure`` over ``items`` (contracts, never single answers: those of one contract are not
    independent). Deterministic for a seed."""
    if not items:
        return Interval(0.0, 0.0)
    rng = random.Random(seed)
    values = sorted(figure(rng.choices(items, k=len(items))) for _ in range(rounds))
    cut = (1 - level) / 2
    return Interval(values[int(cut * rounds)], values[min(rounds - 1, int((1 - cut) * rounds))])


class Answer(NamedTuple):
    """One answer: the confidence stated, whether it was right, and whether it gave a value (or said: absent)."""

    confidence: float
    right: bool
    value: bool


class Bin(NamedTuple):
    """Answers of similar confidence: how many, their mean confidence, and the share that was right."""

    size: int
    confidence: float
    accuracy: float


def bins(answers: Sequence[Answer], count: int = 10) -> list[Bin]:
    """``count`` bins of equal width; empty ones are left out."""
    groups: list[list[Answer]] = [[] for _ in range(count)]
    for answer in answers:
        groups[min(count - 1, int(answer.confidence * count))].append(answer)
    return [
        Bin(len(group), sum(a.confidence for a in group) / len(group), sum(a.right for a in group) / len(group))
        for group in groups
        if group
    ]


def calibration_error(answers: Sequence[Answer], count: int = 10) -> float:
    """Expected calibration error: mean gap between confidence and accuracy, weighted by bin (Naeini et al., 2015)."""
    if not answers:
        return 0.0
    return sum(b.size * abs(b.confidence - b.accuracy) for b in bins(answers, count)) / len(answers)


class Coverage(NamedTuple):
    """Share of the answers that could skip a person, and the confidence from which on."""

    share: float
    threshold: float


def coverage_at(answers: Sequence[Answer], precision: float) -> Coverage:
    """The largest share of answers, most confident first, that is right at least ``precision`` of the time.

    Answers of equal confidence stand or fall together: a threshold cannot tell them apart.
    """
    ranked = sorted(answers, key=lambda answer: answer.confidence, reverse=True)
    best = Coverage(0.0, 1.0)
    right = 0
    for index, answer in enumerate(ranked, 1):
        right += answer.right
        last_of_its_confidence = index == len(ranked) or ranked[index].confidence < answer.confidence
        if last_of_its_confidence and right / index >= precision:
            best = Coverage(index / len(ranked), answer.confidence)
    return best
