"""Fits the steps that turn scores into confidences (``extractors.confidence``).

Isotonic regression by pooling adjacent violators: the confidence rises with the score and equals, in each stretch,
the share of answers that were right. Stretches with few answers are pooled with their neighbours and drawn a
little to the overall share, so that a handful of lucky answers does not count as certainty.
"""

from collections.abc import Sequence
from typing import NamedTuple

FEWEST = 15
"""Answers that a stretch must hold to stand on its own."""
CERTAIN = 0.99
"""No answer is surer than this."""
PRIOR = 2.0
"""Answers' worth of the usual share that each stretch is mixed with."""


class Judged(NamedTuple):
    """An answer's score before calibration, and whether it was right."""

    score: float
    right: bool


def fit_steps(answers: Sequence[Judged], usual: float | None = None) -> list[tuple[float, float]]:
    """Steps ``(score, confidence)``, rising in both; empty where there is nothing to learn from.

    ``usual`` is the share that is right among answers of all kinds, by default among these: what to expect of a kind
    that few contracts have.
    """
    if not answers:
        return []
    if usual is None:
        usual = sum(answer.right for answer in answers) / len(answers)
    pools: list[_Pool] = []
    for answer in sorted(answers):
        if pools and pools[-1].high == answer.score:
            pools[-1] = pools[-1].joined(_Pool(answer.score, answer.score, 1, int(answer.right)))
        else:
            pools.append(_Pool(answer.score, answer.score, 1, int(answer.right)))
        while len(pools) > 1 and pools[-2].share >= pools[-1].share:
            pools[-2:] = [pools[-2].joined(pools[-1])]
    merged: list[_Pool] = []
    for pool in pools:
        if merged and (pool.size < FEWEST or merged[-1].size < FEWEST):
            merged[-1] = merged[-1].joined(pool)
        else:
            merged.append(pool)
    steps: list[tuple[float, float]] = []
    for pool in merged:
        confidence = min(round((pool.right + PRIOR * usual) / (pool.size + PRIOR), 3), CERTAIN)
        if steps and confidence < steps[-1][1]:
            confidence = steps[-1][1]
        middle = round((pool.low + pool.high) / 2, 3)
        if not steps or middle > steps[-1][0]:
            steps.append((middle, confidence))
    return steps


class _Pool(NamedTuple):
    """Answers with scores from ``low`` to ``high``, and how many were right."""

    low: float
    high: float
    size: int
    right: int

    @property
    def share(self) -> float:
        return self.right / self.size

    def joined(self, other: "_Pool") -> "_Pool":
        return _Pool(self.low, other.high, self.size + other.size, self.right + other.right)
