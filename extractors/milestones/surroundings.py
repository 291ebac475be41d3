"""What a proposal's own scores leave out: those of its neighbours, and of the contract as a whole.

Whether a time is a milestone hangs on the times beside it: a clause seldom pays twice, a schedule seldom once.
"""

import numpy as np
from numpy.typing import NDArray

from extractors.milestones.trees import Floats

_NEAR = 2
"""Passages before and behind whose proposals count as neighbours."""
_SURE = 1e-4


def surroundings(chances: Floats, kinds: Floats, passages: NDArray[np.int64]) -> Floats:
    """A row of numbers for each proposal of one document, in order.

    ``chances`` say how likely each is a milestone, ``kinds`` how likely of which kind (rows add up to one, or to
    nothing where it was not asked), ``passages`` where each stands.
    """
    if not len(chances):
        return np.zeros((0, 0), np.float32)
    joint = chances[:, None] * kinds
    every = np.column_stack([chances, joint])
    best, second, near = _by_passage(every, passages)
    beside = np.where(every >= best, second, best)
    steps = np.concatenate([[0], chances, [0]])
    own = np.column_stack([odds(chances), odds(kinds), odds(joint)])
    whole = np.broadcast_to(np.append(joint.sum(axis=0), chances.mean()), (len(chances), kinds.shape[1] + 1))
    along = np.column_stack([_rank(chances, passages), steps[:-2], steps[2:]])
    return np.column_stack([own, beside, near, whole, along]).astype(np.float32)


def odds(chances: Floats) -> Floats:
    """Scores as the logarithm of their odds, which may be added."""
    sure = np.clip(chances, _SURE, 1 - _SURE)
    return np.asarray(np.log(sure / (1 - sure)), np.float32)


def _by_passage(every: Floats, passages: NDArray[np.int64]) -> tuple[Floats, Floats, Floats]:
    """For each proposal the highest and second highest scores of its passage, and the highest of the passages near."""
    count = int(passages.max()) + 1
    best = np.zeros((count + 2 * _NEAR, every.shape[1]), np.float32)
    second = np.zeros_like(best)
    at = passages + _NEAR
    np.maximum.at(best, at, every)
    highest = every >= best[at]
    np.maximum.at(second, at, np.where(highest, 0, every))
    times = np.zeros_like(best)
    np.add.at(times, at, highest)
    second = np.where(times > 1, best, second)
    steps = [step for step in range(-_NEAR, _NEAR + 1) if step]
    return best[at], second[at], np.maximum.reduce([best[at + step] for step in steps])


def _rank(chances: Floats, passages: NDArray[np.int64]) -> Floats:
    """How many of the same passage are likelier."""
    order = np.lexsort((-chances, passages))
    place = np.empty(len(order), np.float32)
    place[order] = np.arange(len(order))
    first = np.searchsorted(np.sort(passages), passages)
    return (place - first).astype(np.float32)
