"""A linear classifier over weighted signals: for each label the odds that it holds (logistic regression).

Small, exact and quick: signals are hashed, so that the weights hold no words, and only those seen often enough
have any. Scores of different labels are independent of each other. It is trained in ``pipeline.training.logistic``.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import chain
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from extractors.nlp import TRAINED

Floats = NDArray[np.float32]
Signals = Mapping[str, float]
"""What is seen of one example: signals by name, each with its strength."""
_WEIGHTS = "weights.npz"
_LABELS = "labels.json"


class Weighted(NamedTuple):
    """A training example: signals, and the labels that hold."""

    signals: Signals
    labels: frozenset[str]


class Rows(NamedTuple):
    """Examples as a sparse matrix by rows: example ``i`` has the features from ``starts[i]`` to ``starts[i + 1]``."""

    columns: NDArray[np.int64]
    values: Floats
    starts: NDArray[np.int64]


class LinearModel:
    """A trained classifier. ``keys`` are the hashes of the signals it knows, sorted, with a row of ``weights`` each."""

    def __init__(self, labels: Sequence[str], keys: NDArray[np.uint32], weights: Floats, bias: Floats) -> None:
        self.labels = tuple(labels)
        self._keys, self._weights, self._bias = keys, weights, bias

    @classmethod
    def load(cls, folder: Path) -> "LinearModel":
        """The model saved in ``folder``."""
        labels = json.loads((folder / _LABELS).read_text(encoding="utf-8"))
        with np.load(folder / _WEIGHTS, allow_pickle=False) as stored:
            return cls(labels, stored["keys"], stored["weights"].astype(np.float32), stored["bias"])

    def save(self, folder: Path) -> None:
        """Writes the weights, at half precision, and nothing of the texts they were learned from."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _LABELS).write_text(json.dumps(self.labels) + "\n", encoding="utf-8")
        weights = self._weights.astype(np.float16)
        np.savez_compressed(folder / _WEIGHTS, keys=self._keys, weights=weights, bias=self._bias)

    def scores(self, examples: Sequence[Signals]) -> list[Mapping[str, float]]:
        """For each example the score of each label, 0 to 1."""
        if not examples:
            return []
        rows = matrix(examples, self._keys)
        odds = np.asarray(times(rows, self._weights), dtype=np.float64) + self._bias
        return [dict(zip(self.labels, row, strict=True)) for row in (1 / (1 + np.exp(-odds))).tolist()]


@cache
def installed_linear(name: str) -> LinearModel:
    """The classifier ``name`` that comes with the program, loaded once."""
    return LinearModel.load(TRAINED / name)


def hashed(name: str) -> int:
    """The key of a signal: the same on every machine."""
    return crc32(name.encode())


def matrix(examples: Sequence[Signals], keys: NDArray[np.uint32]) -> Rows:
    """``examples`` over the signals that ``keys`` (sorted) know, each scaled to unit length."""
    lengths = np.fromiter(map(len, examples), np.int64, len(examples))
    # As many as a contract has letters: hashed, and looked up, without a call for each.
    total = int(lengths.sum())
    seen = np.fromiter(map(crc32, map(str.encode, chain.from_iterable(examples))), np.uint32, total)
    values = np.fromiter(chain.from_iterable(one.values() for one in examples), np.float32, total)
    owners = np.repeat(np.arange(len(examples)), lengths)
    if not len(keys):
        return Rows(np.zeros(0, np.int64), np.zeros(0, np.float32), np.zeros(len(examples) + 1, np.int64))
    distinct, which = np.unique(seen, return_inverse=True)
    columns = np.minimum(np.searchsorted(keys, distinct), len(keys) - 1)[which]
    known = keys[columns] == seen
    columns, values, owners = columns[known], values[known], owners[known]
    norms = np.sqrt(np.maximum(np.bincount(owners, values * values, len(examples)), 1.0))
    starts = np.zeros(len(examples) + 1, np.int64)
    np.cumsum(np.bincount(owners, minlength=len(examples)), out=starts[1:])
    return Rows(columns, (values / norms[owners]).astype(np.float32), starts)


def times(rows: Rows, weights: Floats) -> Floats:
    """The product of a sparse matrix with a dense one."""
    product = np.zeros((len(rows.starts) - 1, weights.shape[1]), np.float32)
    filled = np.flatnonzero(np.diff(rows.starts))
    if len(filled):
        parts = weights[rows.columns] * rows.values[:, None]
        product[filled] = np.add.reduceat(parts, rows.starts[:-1][filled], axis=0)
    return product
