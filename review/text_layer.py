"""The words of a page as invisible text over its picture, so that they can be selected, searched and read aloud.

Each word is drawn as wide as it is in the picture, and knows where it stands in the document's text.
"""

from collections.abc import Sequence
from typing import NamedTuple

from review.library import PlacedWord

_SAME_LINE = 0.5
"""Words that share this much of their height stand on one line."""

_BASELINE = 0.78
"""Share of a word's box above the line it stands on, in most typefaces."""


class DrawnWord(NamedTuple):
    """A word, in points of the page. ``text`` ends with the space to the next one."""

    x: float
    width: float
    text: str
    start: int


class DrawnLine(NamedTuple):
    """Words on one line."""

    y: float
    size: float
    words: tuple[DrawnWord, ...]


def text_layer(words: Sequence[PlacedWord], width: float, height: float) -> list[DrawnLine]:
    """The words in lines, for a page of that size."""
    lines: list[list[PlacedWord]] = []
    for word in words:
        if lines and _same_line(lines[-1][-1], word):
            lines[-1].append(word)
        else:
            lines.append([word])
    return [_drawn(line, width, height) for line in lines]


def _same_line(last: PlacedWord, word: PlacedWord) -> bool:
    shared = min(last.box.y1, word.box.y1) - max(last.box.y0, word.box.y0)
    low = min(last.box.y1 - last.box.y0, word.box.y1 - word.box.y0)
    return shared >= _SAME_LINE * low and word.box.x0 >= last.box.x0


def _drawn(line: Sequence[PlacedWord], width: float, height: float) -> DrawnLine:
    top, bottom = min(word.box.y0 for word in line), max(word.box.y1 for word in line)
    drawn = []
    for index, word in enumerate(line):
        following = line[index + 1].box.x0 if index + 1 < len(line) else word.box.x1
        right = max(word.box.x1, following)
        space = " " if index + 1 < len(line) else ""
        length = max(0.5, (right - word.box.x0) * width)
        drawn.append(DrawnWord(round(word.box.x0 * width, 2), round(length, 2), word.text + space, word.start))
    size = max(1.0, (bottom - top) * height)
    return DrawnLine(round(top * height + size * _BASELINE, 2), round(size, 2), tuple(drawn))
