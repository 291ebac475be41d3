"""How alike two texts are, from a few numbers kept of each: the smallest hashes of their runs of three words.

Of two texts that share most of their runs most of the smallest hashes are the same (a bottom-k sketch). A scan that was
read by OCR differs from its original in some words, and stays alike.
"""

import re
import zlib
from collections.abc import Sequence

KEPT = 128
"""Hashes kept of a text."""
_RUN = 3
_WORD = re.compile(r"[^\W_]+")


def sketch_of(text: str) -> tuple[int, ...]:
    """The sketch of a text, in ascending order; empty for one of fewer than three words."""
    words = _WORD.findall(text.lower())
    runs = zip(*(words[start:] for start in range(_RUN)), strict=False)
    return tuple(sorted({zlib.crc32(" ".join(run).encode()) for run in runs})[:KEPT])


def similarity(one: Sequence[int], other: Sequence[int]) -> float:
    """About how many of the runs of both texts are in both: 0 for none, 1 for all.

    >>> text = "the supplier shall deliver the goods to the buyer on the first day of each month"
    >>> similarity(sketch_of(text), sketch_of(text.upper()))
    1.0
    """
    if not one or not other:
        return 0.0
    smallest = sorted({*one, *other})[:KEPT]
    both = set(one) & set(other)
    return sum(value in both for value in smallest) / len(smallest)
