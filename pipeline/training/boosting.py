"""Trains boosted trees that ask the same questions on every path (symmetric trees), by Newton steps on histograms.

The same examples give the same trees: which signals a tree may ask about is drawn from a seeded generator.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from extractors.milestones.trees import DEPTH, Floats, Trees

ROUNDS = 40
"""Trees for each label."""
_RATE = 0.08
_BINS = 48
_PENALTY = 1.3
"""Added to the curvature of every leaf (L2)."""
_SHARE = 0.3
"""Share of the signals that one tree may ask about."""
_ROWS = 0.7
"""Share of the examples that one tree learns from."""


class _Binned(NamedTuple):
    """Signals by bin, and the limits between the bins of each."""

    bins: NDArray[np.uint8]
    limits: list[Floats]


def train_trees(seen: Floats, wanted: NDArray[np.bool_], labels: Sequence[str]) -> Trees:
    """Trees for each of ``labels``, by what is seen of each example (a row) and whether each label holds (a row)."""
    binned = _binned(seen)
    parts = [_boosted(binned, wanted[:, column], np.random.default_rng(column)) for column in range(len(labels))]
    return Trees(
        labels,
        np.stack([part.asks for part in parts]),
        np.stack([part.limits for part in parts]),
        np.stack([part.leaves for part in parts]),
        np.array([part.start for part in parts], np.float32),
    )


class _Part(NamedTuple):
    asks: NDArray[np.int16]
    limits: Floats
    leaves: Floats
    start: float


def _binned(seen: Floats) -> _Binned:
    bins = np.zeros(seen.shape, np.uint8)
    limits = []
    for column in range(seen.shape[1]):
        between = np.unique(np.quantile(seen[:, column], np.linspace(0, 1, _BINS + 1)[1:-1])).astype(np.float32)
        limits.append(between)
        bins[:, column] = np.searchsorted(between, seen[:, column], side="left")
    return _Binned(bins, limits)


def _boosted(binned: _Binned, wanted: NDArray[np.bool_], random: np.random.Generator) -> _Part:
    share = float(np.clip(wanted.mean(), 1e-4, 1 - 1e-4))
    start = float(np.log(share / (1 - share)))
    odds = np.full(len(wanted), start)
    asks = np.zeros((ROUNDS, DEPTH), np.int16)
    limits = np.full((ROUNDS, DEPTH), np.inf, np.float32)
    leaves = np.zeros((ROUNDS, 1 << DEPTH), np.float32)
    askable = np.array([column for column, between in enumerate(binned.limits) if len(between)])
    for number in range(ROUNDS):
        chance = 1 / (1 + np.exp(-odds))
        drawn = random.random(len(wanted)) < _ROWS
        gradient, curvature = drawn * (chance - wanted), drawn * chance * (1 - chance)
        columns = np.sort(random.choice(askable, max(1, int(_SHARE * len(askable))), replace=False))
        leaf = np.zeros(len(wanted), np.int64)
        for level in range(DEPTH):
            column, cut = _best(binned, columns, leaf, 1 << level, gradient, curvature)
            asks[number, level], limits[number, level] = column, binned.limits[column][cut]
            leaf = 2 * leaf + (binned.bins[:, column] > cut)
        slope = np.bincount(leaf, gradient, 1 << DEPTH)
        bent = np.bincount(leaf, curvature, 1 << DEPTH)
        leaves[number] = -_RATE * slope / (bent + _PENALTY)
        odds += leaves[number][leaf]
    return _Part(asks, limits, leaves, start)


def _best(
    binned: _Binned,
    columns: NDArray[np.int64],
    leaf: NDArray[np.int64],
    count: int,
    gradient: NDArray[np.float64],
    curvature: NDArray[np.float64],
) -> tuple[int, int]:
    """The signal and the bin after which to part all leaves, by the loss that falls most (second order)."""
    best = (-np.inf, int(columns[0]), 0)
    for column in columns:
        key = leaf * _BINS + binned.bins[:, column]
        slope = np.bincount(key, gradient, count * _BINS).reshape(count, _BINS).cumsum(axis=1)
        bent = np.bincount(key, curvature, count * _BINS).reshape(count, _BINS).cumsum(axis=1)
        over, beyond = slope[:, -1:] - slope, bent[:, -1:] - bent
        gain = (slope**2 / (bent + _PENALTY) + over**2 / (beyond + _PENALTY)).sum(axis=0)
        cut = int(gain[: len(binned.limits[column])].argmax())
        if gain[cut] > best[0]:
            best = (float(gain[cut]), int(column), cut)
    return best[1], best[2]
