"""How fast labelled contracts were read and understood."""

import statistics
from collections.abc import Sequence
from typing import NamedTuple


class Timing(NamedTuple):
    """One document: its words, and the seconds of one core until there was text and after that."""

    words: int
    reading: float
    understanding: float


class Speed(NamedTuple):
    """Words a second of one core, over all documents; ``median`` is that of understanding in the median document."""

    words: int
    reading: float
    understanding: float
    median: float


def measure(timings: Sequence[Timing]) -> Speed:
    """The speed over the documents that gave text. Seconds are wall time: other work on the machine counts."""
    read = [timing for timing in timings if timing.words]
    words = sum(timing.words for timing in read)
    return Speed(
        words,
        _rate(words, sum(timing.reading for timing in read)),
        _rate(words, sum(timing.understanding for timing in read)),
        statistics.median(_rate(timing.words, timing.understanding) for timing in read) if read else 0.0,
    )


def _rate(words: int, seconds: float) -> float:
    return words / seconds if seconds else 0.0
