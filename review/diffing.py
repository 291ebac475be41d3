"""Two texts word by word: what was taken out, what was put in, and what stayed."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from enum import StrEnum
from typing import NamedTuple

MOST = 3_000
"""Words of a text that are compared; of a longer one the rest is left out."""
_WORD = re.compile(r"\S+\s*")


class Stays(StrEnum):
    """What became of some words."""

    SAME = "same"
    DELETED = "deleted"
    INSERTED = "inserted"


class Piece(NamedTuple):
    """Words that stand together and share their fate."""

    what: Stays
    text: str


def word_diff(old: str, new: str) -> list[Piece]:
    """The pieces of both texts in reading order; where words were exchanged the old ones come first.

    >>> [(str(what), text) for what, text in word_diff("pay in 30 days", "pay in 60 days")]
    [('same', 'pay in '), ('deleted', '30 '), ('inserted', '60 '), ('same', 'days')]
    """
    before, after = _WORD.findall(old)[:MOST], _WORD.findall(new)[:MOST]
    plain = [[word.strip() for word in side] for side in (before, after)]
    return list(_pieces(SequenceMatcher(None, plain[0], plain[1], autojunk=False), before, after))


def _pieces(matcher: "SequenceMatcher[str]", before: list[str], after: list[str]) -> Iterator[Piece]:
    for tag, start, end, begin, stop in matcher.get_opcodes():
        if tag == "equal":
            yield Piece(Stays.SAME, "".join(after[begin:stop]))
            continue
        if start < end:
            yield Piece(Stays.DELETED, "".join(before[start:end]))
        if begin < stop:
            yield Piece(Stays.INSERTED, "".join(after[begin:stop]))
