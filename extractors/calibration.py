"""Fits what ``extractors.confidence`` computes with: weights of signals, and steps where there is one score.

Weights: logistic regression with a ridge penalty, so that a signal that few answers have, and a rule above all, moves
a confidence little. Steps: isotonic regression by pooling adjacent violators; stretches with few answers are pooled
with their neighbours. Both are drawn a little to the usual share, so that a handful of lucky answers does not count as
certainty. Only who fits needs this module.
"""

import math
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from extractors.confidence import ALWAYS, RULE, Signals

FEWEST = 15
"""Answers that a stretch of steps, or weights, must have to stand on their own."""
CERTAIN = 0.99
"""No answer is surer than this."""
PRIOR = 2.0
"""Answers' worth of the usual share that each stretch is mixed with."""
SEEN = 5
"""Answers that must have a signal for it to get a weight."""
PENALTY = 15.0
"""Strength of the ridge on a signal of unit variance, in answers ..."""
RULE_PENALTY = 40.0
"""... and on which rule it was, of which there are as many as signals of all other kinds."""
_ROUNDS = 50


class Judged(NamedTuple):
    """An answer's score before calibration, and whether it was right."""

    score: float
    right: bool


class Weighed(NamedTuple):
    """An answer's signals, and whether it was right."""

    signals: Signals
    right: bool


def fit_weights(answers: Sequence[Weighed], usual: float) -> dict[str, float]:
    """The weight of each signal, largest first; ``ALWAYS`` is that of the constant.

    ``usual`` is the share that is right among answers of all kinds, for kinds that few contracts have.
    """
    right = sum(answer.right for answer in answers)
    always = (right + PRIOR * usual) / (len(answers) + PRIOR)
    constant = math.log(always / (1 - always)) if 0 < always < 1 else math.copysign(math.log(99), always - 0.5)
    if len(answers) < FEWEST or right in (0, len(answers)):
        return {ALWAYS: round(constant, 3)}
    seen = Counter(name for answer in answers for name, value in answer.signals.items() if value)
    names = sorted(name for name, count in seen.items() if count >= SEEN)
    rows = np.array([[1.0, *(answer.signals.get(name, 0.0) for name in names)] for answer in answers])
    spread = rows.std(axis=0)
    spread[spread < 1e-6] = 1.0
    penalty = np.array([0.01, *(RULE_PENALTY if name.startswith(RULE) else PENALTY for name in names)])
    weights = _ridge(rows / spread, np.array([float(answer.right) for answer in answers]), penalty) / spread
    named = sorted(zip(names, map(float, weights[1:]), strict=True), key=lambda pair: -abs(pair[1]))
    return {ALWAYS: round(float(weights[0]), 3)} | {
        name: rounded for name, weight in named if (rounded := round(weight, 3))
    }


def _ridge(
    rows: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    right: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    penalty: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Newton's method; the penalty makes the problem strictly convex, so a few rounds do."""
    weights = np.zeros(rows.shape[1])
    for _ in range(_ROUNDS):
        chance = 1 / (1 + np.exp(-np.clip(rows @ weights, -30, 30)))
        slope = rows.T @ (chance - right) + penalty * weights
        curve = (rows * (chance * (1 - chance))[:, None]).T @ rows + np.diag(penalty)
        step = np.linalg.solve(curve, slope)
        weights -= step
        if np.abs(step).max() < 1e-6:
            break
    return weights


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
