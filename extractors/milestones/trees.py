"""Boosted trees over a few dozen numbers: for each label the odds that it holds.

Trees are symmetric: every path of one asks the same questions, so that all trees of all labels are read at once by
comparing, looking up and adding. Trained in ``pipeline.training.boosting``.
"""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from extractors.nlp import TRAINED

Floats = NDArray[np.float32]
DEPTH = 3
"""Questions of a tree."""
_TREES = "trees.npz"
_LABELS = "labels.json"


class Trees:
    """Trained trees. ``asks`` and ``limits`` have the questions of each tree of each label (label, tree, question):
    which number, and what it must be greater than; ``leaves`` what the answers add to the odds."""

    def __init__(
        self, labels: Sequence[str], asks: NDArray[np.int16], limits: Floats, leaves: Floats, start: Floats
    ) -> None:
        self.labels = tuple(labels)
        self._asks, self._limits, self._leaves, self._start = asks, limits, leaves, start
        trees = asks.shape[0] * asks.shape[1]
        self._offset = np.arange(trees) * leaves.shape[2]

    @classmethod
    def load(cls, folder: Path) -> "Trees":
        """The trees saved in ``folder``."""
        labels = json.loads((folder / _LABELS).read_text(encoding="utf-8"))
        with np.load(folder / _TREES, allow_pickle=False) as stored:
            return cls(labels, stored["asks"], stored["limits"], stored["leaves"], stored["start"])

    def save(self, folder: Path) -> None:
        """Writes the trees, and nothing of the texts they were learned from."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _LABELS).write_text(json.dumps(self.labels) + "\n", encoding="utf-8")
        np.savez_compressed(
            folder / _TREES, asks=self._asks, limits=self._limits, leaves=self._leaves, start=self._start
        )

    def scores(self, seen: Floats) -> Floats:
        """For each row of ``seen`` the score of each label, 0 to 1."""
        labels, trees, questions = self._asks.shape
        answers = seen[:, self._asks.reshape(-1, questions)] > self._limits.reshape(-1, questions)
        leaf = answers @ (1 << np.arange(questions - 1, -1, -1)) + self._offset
        odds = self._leaves.ravel()[leaf].reshape(-1, labels, trees).sum(axis=2) + self._start
        return np.asarray(1 / (1 + np.exp(-odds)), np.float32)


@cache
def installed_trees(name: str) -> Trees:
    """The trees ``name`` that come with the program, loaded once."""
    return Trees.load(TRAINED / name)
