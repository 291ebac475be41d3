"""Trains linear classifiers: logistic regression with an L2 penalty, all labels at once, by L-BFGS.

The same examples give the same weights; nothing is drawn by chance.
"""

from collections import Counter, deque
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from extractors.milestones.linear import Floats, LinearModel, Rows, Weighted, hashed, matrix, times

SELDOM = 2
"""Examples in which a signal must have been seen to get a weight."""
_ROUNDS = 60
_MEMORY = 6
_STEPS = 20
"""Halvings of a step before the search gives up."""
_ENOUGH = 1e-4
"""Share of the step's promise that the loss must fall by (Armijo)."""
_CHUNK = 4_000_000
"""Products of a sparse and a dense matrix that are held at a time."""


def train_logistic(examples: Sequence[Weighted], labels: Sequence[str], penalty: float) -> LinearModel:
    """A classifier of ``labels``. ``penalty`` is the weight of half the sum of squares in the loss, which is a sum over
    the examples: the greater, the smaller the weights."""
    counts = Counter(hashed(name) for example in examples for name in example.signals)
    keys = np.array(sorted(key for key, count in counts.items() if count >= SELDOM), np.uint32)
    rows = matrix([example.signals for example in examples], keys)
    wanted = np.array([[label in example.labels for label in labels] for example in examples], np.float32)
    problem = _Problem(rows, _transposed(rows, len(keys)), wanted.reshape(len(examples), len(labels)), penalty)
    solution = _minimise(problem.loss, problem.start())
    weights, bias = problem.split(solution)
    return LinearModel(labels, keys, weights.astype(np.float32), bias.astype(np.float32))


class _Problem(NamedTuple):
    """The loss of weights and its gradient."""

    rows: Rows
    columns: Rows
    wanted: Floats
    penalty: float

    def start(self) -> NDArray[np.float64]:
        """No weights, and the odds of each label as they are."""
        share = np.clip(self.wanted.mean(axis=0), 1e-4, 1 - 1e-4)
        odds = np.log(share / (1 - share))
        return np.concatenate([np.zeros((len(self.columns.starts) - 1) * self.wanted.shape[1]), odds])

    def split(self, point: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The weights and the biases of a point."""
        count = self.wanted.shape[1]
        return point[:-count].reshape(-1, count), point[-count:]

    def loss(self, point: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """Negative log-likelihood with the penalty, and its gradient."""
        weights, bias = self.split(point)
        odds = _product(self.rows, weights.astype(np.float32)) + bias
        loss = np.logaddexp(0, odds).sum() - (odds * self.wanted).sum() + 0.5 * self.penalty * (weights * weights).sum()
        excess = 1 / (1 + np.exp(-odds)) - self.wanted
        gradient = _product(self.columns, excess.astype(np.float32)) + self.penalty * weights
        return float(loss), np.concatenate([gradient.ravel(), excess.sum(axis=0)])


def _product(rows: Rows, dense: Floats) -> NDArray[np.float64]:
    """``times`` by parts, so that memory stays small."""
    size = max(1, _CHUNK // max(1, dense.shape[1]))
    parts, first = [], 0
    while first < len(rows.starts) - 1:
        last = max(first + 1, int(np.searchsorted(rows.starts, rows.starts[first] + size, side="right")) - 1)
        begin, end = rows.starts[first], rows.starts[last]
        part = Rows(rows.columns[begin:end], rows.values[begin:end], rows.starts[first : last + 1] - begin)
        parts.append(times(part, dense).astype(np.float64))
        first = last
    return np.concatenate(parts) if parts else np.zeros((0, dense.shape[1]))


def _transposed(rows: Rows, columns: int) -> Rows:
    order = np.argsort(rows.columns, kind="stable")
    owners = np.repeat(np.arange(len(rows.starts) - 1), np.diff(rows.starts))
    starts = np.zeros(columns + 1, np.int64)
    np.cumsum(np.bincount(rows.columns, minlength=columns), out=starts[1:])
    return Rows(owners[order], rows.values[order], starts)


def _minimise(
    loss: Callable[[NDArray[np.float64]], tuple[float, NDArray[np.float64]]], point: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The point of least loss, by L-BFGS (Nocedal and Wright, Numerical Optimization, algorithm 7.4)."""
    value, gradient = loss(point)
    steps: deque[tuple[NDArray[np.float64], NDArray[np.float64], float]] = deque(maxlen=_MEMORY)
    for _ in range(_ROUNDS):
        direction = -_newton(gradient, steps)
        slope = float(direction @ gradient)
        if slope >= 0:
            break
        length = 1.0 if steps else min(1.0, 1.0 / float(np.abs(gradient).sum() or 1.0))
        for _ in range(_STEPS):
            there, (lower, towards) = point + length * direction, loss(point + length * direction)
            if lower <= value + _ENOUGH * length * slope:
                break
            length /= 2
        else:
            break
        moved, turned = there - point, towards - gradient
        if float(moved @ turned) > 0:
            steps.append((moved, turned, 1.0 / float(moved @ turned)))
        point, value, gradient = there, lower, towards
    return point


def _newton(
    gradient: NDArray[np.float64], steps: Sequence[tuple[NDArray[np.float64], NDArray[np.float64], float]]
) -> NDArray[np.float64]:
    """The gradient, bent by the curvature that the last steps have shown."""
    bent, shares = gradient.copy(), []
    for moved, turned, scale in reversed(steps):
        shares.append(scale * float(moved @ bent))
        bent -= shares[-1] * turned
    if steps:
        moved, turned, scale = steps[-1]
        bent *= 1.0 / (scale * float(turned @ turned))
    for (moved, turned, scale), share in zip(steps, reversed(shares), strict=True):
        bent += (share - scale * float(turned @ bent)) * moved
    return bent
